/* Accept: of which type an answer may be (RFC 9110 §12.5.1). Pages, assets and the like have one type
 * each, and a browser that asks for them takes what there is. */
#include "ctx.h"

bool acceptable(struct ctx *c)
{
	const char *accept = http_request_header(c->r, "accept");
	int json, problem, csv;

	if (c->page || c->route->flags & ROUTE_BARE) {
		c->csv = !c->page && c->route->flags & ROUTE_CSV;
		return true;
	}
	json = http_accept_weight(accept, "application/json");
	problem = http_accept_weight(accept, "application/problem+json");
	csv = c->route->flags & ROUTE_CSV ? http_accept_weight(accept, "text/csv") : 0;
	c->csv = csv > json;
	return json > 0 || problem > 0 || csv > 0;
}
