/* The log: one JSON line an event on standard error. Only the edge logs (the processes, the vault, the
 * trail's sealer, serve's end of a request) and die(); libraries return. Nothing personal may be passed
 * here: ids of requests, routes, counts and times, never names, addresses, bodies or SQL parameters.
 *
 *	log_event(LOG_INFO, "request", "id", rid, "route", tmpl, "status", "201", NULL);
 */
#pragma once

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };

/* Lines below the level are dropped; the default is LOG_INFO. */
void log_set_level(enum log_level level);
/* Pairs of key and text value, ended by NULL; a NULL value is left out. */
void log_event(enum log_level level, const char *event, ...) __attribute__((sentinel));
