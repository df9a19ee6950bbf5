/* What is open now, in this worker's memory: current vacancies with their units' facts, and the
 * needs of the households that wait, without identity. Nothing secret beyond coarse areas.
 *
 * Loaded whole at the start and after every outage; kept true by polling change_log. It proposes,
 * the database decides: a stale board costs a 409, never an unsafe or double placement.
 *
 * How soon a change is here: at once where this worker committed it (board_refresh), within
 * BOARD_POLL_MS where another worker of the service did (board_refresh_soon), and within BOARD_IDLE_MS
 * where the writer cannot say so (the operator's tool, a service on another host). Polls that find
 * nothing grow rare from the one to the other, so that an idle service is idle; one that finds
 * something begins anew. BOARD_IDLE_MS is half of BOARD_STALE_MS: a board whose polls are answered
 * is never stale.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "match/index.h"

struct batch;
struct board;
struct db;
struct db_sync;
struct event_base;

enum {
	BOARD_POLL_MS = 20,		/* between two polls while there are changes */
	BOARD_IDLE_MS = 1000,		/* between two polls where there have been none for a while */
	BOARD_STALE_MS = 2000,		/* older than this, a search answers 503 */
	BOARD_RELOAD_S = 3600,		/* reloaded whole as often, whatever the log says */
};

/* A household that waits. */
struct waiting {
	struct need need;
	struct uuid household;
	uint16_t group;			/* of its partnership, as in struct supply */
	int64_t version;
	char reference[16];
};

/* Whom to call at a provider by day and by night; NULL where there is none. The day's hours are "08:00" in
 * London, both or neither: without them its number is answered round the clock. */
struct duty_phones {
	const char *day, *night, *begins, *ends;
};

/* The facts of a vacancy that a search shows and matching does not use. `.shown` of the index's
 * supplies points to one, which lives as long as they do. */
struct shown {
	const char *provider, *unit_reference, *area_label;
	struct duty_phones duty;
};

/* Everything must outlive the board. */
struct board_options {
	struct db *db;			/* polled for changes */
	const char *conninfo;		/* of the connections that a load opens */
	const char *application_name;
	const struct policy *policy;
	/* After the first load; or NULL. */
	void (*on_ready)(void *arg);
	/* A connection of a load failed, as db_options' on_trouble; or NULL. */
	void (*on_trouble)(struct db *db, const char *text, void *arg);
	/* A load failed and is tried again in a second: the statement's name and the SQLSTATE, ""
	 * where the connection was lost; or NULL. */
	void (*on_failed)(const char *statement, const char *sqlstate, void *arg);
	void *arg;
};

/* Begins to load at once, whether db is ready or not. */
struct board *board_new(struct event_base *base, const struct board_options *o);
/* A board as it is now, for a tool: read through a blocking connection as the owner, and never refreshed.
 * Begin a transaction first, so that its lists are of one moment. NULL with *failed, the name of what could
 * not be read. */
struct board *board_read_once(struct db_sync *db, const struct policy *policy, const char **failed)
	__attribute__((warn_unused_result));
/* After db_stop(), which ends the batch that may be under way. Takes NULL. */
void board_free(struct board *b);

/* Call when the database is ready, at the start and after an outage: loads everything, unless
 * that is under way. */
void board_reload(struct board *b);
/* Asks the change log now: this worker committed something. */
void board_refresh(struct board *b);
/* Asks within BOARD_POLL_MS, once for all that is committed until then: another worker committed
 * something. */
void board_refresh_soon(struct board *b);

/* Loaded, and no older than BOARD_STALE_MS. */
bool board_fresh(const struct board *b);
/* Microseconds since the board was last known to be true; INT64_MAX before the first load. */
int64_t board_age(const struct board *b);
/* Grows with every change applied. */
uint64_t board_version(const struct board *b);
size_t board_vacancies(const struct board *b);
size_t board_households(const struct board *b);

struct match_index *board_index(struct board *b);
/* Today and now as of the call, with policy and geography: that of the last load, NULL before it. */
struct match_env board_env(const struct board *b);
const struct geography *board_geography(const struct board *b);
/* The number under which a partnership's supply may be seen; adds it where it is new. */
uint16_t board_group(struct board *b, const char *partnership_id);
/* The number of a local authority (ONS code) as in supply.area, or -1 where no vacancy has it. */
int board_area(const struct board *b, const char *local_authority);

/* A household from the first row of a statement that gives rows of board_household in text, for an
 * answer before the change is committed; false where there is no row. */
bool board_waiting_read(const struct board *b, const struct batch *rows, int statement,
			struct waiting *out) __attribute__((warn_unused_result));
/* A vacancy from two statements of binary rows, its row of board_property and then its row of board_vacancy;
 * what a search shows is not in it. False where there is no row. */
bool board_vacancy_read(struct board *b, const struct batch *rows, int property, struct supply *out)
	__attribute__((warn_unused_result));
/* NULL where none of that id waits. Valid until the next change. */
const struct waiting *board_waiting(const struct board *b, struct uuid household);
/* Calls visit for every household that waits, in no particular order. */
void board_each_waiting(const struct board *b, void (*visit)(const struct waiting *w, void *arg), void *arg);
/* Households that the caller must not see. */
struct board_hidden {
	const struct uuid *ids;
	size_t n;
};
/* The n other waiting households of a group, copied as an array of needs in the arena; *who[i] is
 * needs[i]'s household. */
size_t board_needs(const struct board *b, uint16_t group, struct board_hidden hidden, struct arena *a,
		   const struct need **needs, const struct waiting ***who);
