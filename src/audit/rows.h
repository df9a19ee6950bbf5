/* Rows of the audit tables as COPY text gives them. */
#pragma once
#include "audit/chain.h"
#include "audit/head.h"

enum { LINK_SEQ, LINK_EVENT, LINK_CHAIN, LINK_POSITION, LINK_HASH, LINK_COLUMNS };
enum {
	HEAD_NUMBER, HEAD_AT, HEAD_LINKS, HEAD_HORIZON, HEAD_CHAINS, HEAD_PREVIOUS, HEAD_SIGNATURE,
	HEAD_COLUMNS
};
extern const char *const link_column_names[LINK_COLUMNS];
extern const char *const head_column_names[HEAD_COLUMNS];

/* False where a value does not fit its column. */
bool link_read(const struct audit_field fields[LINK_COLUMNS], struct audit_link *link)
	__attribute__((warn_unused_result));
bool head_read(const struct audit_field fields[HEAD_COLUMNS], struct audit_head *head)
	__attribute__((warn_unused_result));
