/* The problem that the violation of a database constraint is to the caller: one table for all
 * resources, in the form the runner takes it (serve/server.h). */
#pragma once
#include "serve/server.h"

/* Ended by a row without constraint. */
extern const struct conflict conflicts[];

/* Sentences of rules that are checked before the database is asked; for a change of one member
 * alone the database checks them. */
#define LANGUAGE_MISSING "Enter which other language"
#define LANGUAGE_NOT_SELECTED "Select another language in the list as well, or leave this empty"
#define MARAC_ORDER "It cannot be heard before it was referred"
#define MEMBER_TWICE "This person, by name and date of birth, is in the household already"
#define VACANCY_ORDER "This must be later than the first night"
#define VOID_ORDER "This must be later than the first day"
#define NOT_A_PROPERTY \
	"Sanctuary makes the victim's own home safe: it is no property of a provider. Choose another type"
#define SHARED_ACCESS_SINGLE_SEX \
	"Choose women or men: where units share any part, hallways and access routes included, " \
	"provision is single-sex (SI 2021/991; statutory guidance under Domestic Abuse Act 2021 " \
	"s. 59)"
#define TYPE_SINGLE_SEX \
	"Choose women or men: refuges and specialist safe accommodation are single-sex " \
	"(SI 2021/991 reg. 2; statutory guidance under Domestic Abuse Act 2021 s. 59)"
