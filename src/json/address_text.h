/* A text as the checks for addresses read it. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

enum { ADDRESS_WORD = 16 };

/* What a word may be; a row of address_words.def is a bit, and so is each of the others. */
enum word_class_bit {
#define WORDS(name, list) AT_BIT_##name,
#include "address_words.def"
	AT_BIT_NUMBER,		/* has the form of a house number */
	AT_BIT_HOUSE,		/* and is no count, date, time or amount */
	AT_BIT_FREE,		/* and what stands before it is not numbered */
	AT_BIT_BARE,		/* and not counted */
	AT_BIT_NAME,		/* letters, no word of grammar */
	AT_BIT_TITLE,		/* written as a name, and no word that is often written so */
	AT_BIT_BUILT_NAME,	/* BUILT, written as a name, and no court of law */
	AT_BIT_PLURAL,		/* ends as if there were several */
};

enum word_class {
#define WORDS(name, list) name = 1 << AT_BIT_##name,
#include "address_words.def"
	NUMBER = 1 << AT_BIT_NUMBER,
	HOUSE_NUMBER = 1 << AT_BIT_HOUSE,
	FREE = 1 << AT_BIT_FREE,
	BARE = 1 << AT_BIT_BARE,
	NAME = 1 << AT_BIT_NAME,
	TITLE = 1 << AT_BIT_TITLE,
	BUILT_NAME = 1 << AT_BIT_BUILT_NAME,
	PLURAL = 1 << AT_BIT_PLURAL,
};

struct word {
	char text[ADDRESS_WORD];	/* in capitals, cut */
	unsigned classes;
	bool capital, small, loud;	/* its first letter is one; no letter, every letter is */
	char first, last;	/* of the characters between the word before and this one; blank: '\0' */
	bool tight;		/* between them stands one sign and no blank */
	bool breaks;		/* a sentence or a bracket ends between them */
};

/* The words of a plain text (base/plain.h), and behind them an empty one that breaks. */
struct word *address_words(struct arena *a, const char *plain, size_t *n);
/* Coordinates, a grid reference, a plus code, three words of what3words, a link to a map. */
bool holds_position(const char *plain);
