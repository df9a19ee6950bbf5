/* Inside of struct board: for what loads and polls it, and for what answers from it. */
#pragma once
#include "board/board.h"
#include "content.h"

enum { HORIZON_TEXT = 24 };
/* The batches of a load. */
enum { PART_HORIZON, PART_UNITS, PART_VACANCIES, PARTS, LISTS = PARTS - 1 };

struct board {
	struct board_options o;
	struct event_base *base;
	struct event *timer;
	int64_t due;			/* of the timer */
	int64_t pace;			/* to the next poll, unless somebody asks for one earlier */
	struct arena *arena;		/* names, for ever */
	struct names names;
	struct content now;
	struct db *loader;		/* of a load, or of one that is over */
	struct batch *part[PARTS];	/* of the load under way */
	int parts;			/* how many have come */
	char horizon[HORIZON_TEXT];
	int64_t true_at, loaded_at, asked_at;
	int64_t not_before;		/* a load has failed: when the next may begin */
	uint64_t version;
	bool busy;			/* a load or a poll is under way */
	bool again;			/* poll once more when it ends */
	bool reload;			/* load whole at the next opportunity */
	bool loaded;
	struct arena *work;		/* of the batch under way */
	struct arena *spent;		/* of a load that is over */
};
