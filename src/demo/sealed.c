/* Addresses, and names of those who wait, sealed; and the keys they are sealed with. */
#include <stdio.h>
#include <string.h>

#include "base/date.h"
#include "people.h"
#include "sealer.h"

enum { NAME = 96, PLAIN = 320 };

/* ---- keys ---- */

static struct seal_owner owner_of_property(const struct demo_plan *p, int64_t property)
{
	return (struct seal_owner){ SEAL_PROPERTY, demo_uuid(DEMO_PROPERTY, property),
				    demo_uuid(DEMO_ORGANISATION, plan_provider_of_property(p, property)) };
}

static struct seal_owner owner_of_household(const struct demo_plan *p, int64_t household)
{
	return (struct seal_owner){ SEAL_HOUSEHOLD, demo_uuid(DEMO_HOUSEHOLD, household),
				    demo_uuid(DEMO_ORGANISATION, demo_arrival(p, household).council) };
}

void fill_root_key(const struct demo_plan *p, struct rows *r)
{
	put_text(r, vault_keys_id(p->load->sealer->keys, VAULT_ROOT));
	put_end(r);
}

static void put_key(const struct demo_plan *p, struct rows *r, const struct seal_owner *owner)
{
	char id[UUID_TEXT], organisation[UUID_TEXT];
	unsigned char wrapped[SEAL_WRAPPED];
	struct seal_key key = demo_key_make(p->load->sealer, r->tool->arena, owner, wrapped);

	seal_forget(&key);
	uuid_format(owner->id, id);
	uuid_format(owner->organisation, organisation);
	put_text(r, id);
	put_text(r, owner->kind == SEAL_PROPERTY ? "property" : "household");
	put_text(r, organisation);
	put_bytes(r, wrapped, sizeof(wrapped));
	put_end(r);
}

static void put_property_key(const struct demo_plan *p, struct rows *r, int64_t property)
{
	struct seal_owner owner = owner_of_property(p, property);

	put_key(p, r, &owner);
}

/* In the order in which the values follow. */
void fill_data_keys(const struct demo_plan *p, struct rows *r)
{
	demo_each_property(p, r, put_property_key);
	for (int64_t household = p->cases; household < p->households; household++) {
		struct seal_owner owner = owner_of_household(p, household);

		put_key(p, r, &owner);
	}
}

static void put_sealed(struct rows *r, const struct seal_key *key, const struct seal_place *place,
		       const char *plain)
{
	unsigned char sealed[SEAL_SEALED_MAX];

	put_bytes(r, sealed, seal_value(key, place, plain, strlen(plain), sealed));
	put_end(r);
}

/* ---- addresses ---- */

static void put_address(const struct demo_plan *p, struct rows *r, int64_t property)
{
	struct seal_place place = { owner_of_property(p, property), SEAL_ADDRESS,
				    demo_uuid(DEMO_PROPERTY, property) };
	struct random d = random_for(DEMO_PROPERTY, ~property);
	char outward[DEMO_PLACE], plain[PLAIN];

	demo_outward(property / p->properties, random_below(&d, 1000), outward);
	snprintf(plain, sizeof(plain),
		 "{\"lines\":[\"%lld %s Demonstration Way\"],\"postcode\":\"%s %dZZ\",\"access_note\":null}",
		 (long long)property + 1, demo_bird(property), outward, (int)random_below(&d, 10));
	put_id(r, DEMO_PROPERTY, property);
	put_sealed(r, demo_key_next(p->load->sealer), &place, plain);
}

void fill_addresses(const struct demo_plan *p, struct rows *r)
{
	demo_each_property(p, r, put_address);
}

/* ---- names, for those who wait ---- */

static const char *const female_names[] = {
	"Amber", "Bridget", "Carys", "Edie", "Farah", "Greta", "Hanan", "Kezia",
	"Maryam", "Nadine", "Oona", "Parveen", "Samira", "Tamsin", "Verity", "Zofia",
};
static const char *const male_names[] = {
	"Bodhi", "Caleb", "Dewi", "Elias", "Fergus", "Hamza", "Idris", "Kofi",
	"Luca", "Otis", "Piotr", "Rafi", "Stellan", "Tariq", "Umar", "Wilf",
};
static const char *const surnames[] = {
	"Applegarth", "Birtwhistle", "Cawthorne", "Fothergate", "Gaunlessby", "Hartforth",
	"Ingleberry", "Khalidi", "Lythemoor", "Marrickson", "Okonjira", "Pinchingthorpe",
	"Quarringford", "Raithwell", "Tesfayo", "Vasserby",
};

static void put_name(const struct demo_plan *p, struct rows *r, const struct seal_key *key,
		     int64_t household, int i, const struct member *m)
{
	int64_t member = household * DEMO_PEOPLE + i;
	struct seal_place place = { owner_of_household(p, household), SEAL_PERSON,
				    demo_uuid(DEMO_MEMBER, member) };
	struct random of_all = random_for(DEMO_HOUSEHOLD, ~household);
	struct random d = random_for(DEMO_MEMBER, member);
	const char *first = m->sex == SEX_MALE ? RANDOM_WORD(&d, male_names)
					       : RANDOM_WORD(&d, female_names);
	int32_t days = (int32_t)(m->age * 365 + m->age / 4 + random_between(&d, 30, 300));
	char plain[PLAIN], born[11];

	day_format(p->load->today - days, born);
	snprintf(plain, sizeof(plain), "{\"name\":\"%s %s\",\"birth_date\":\"%s\"}", first,
		 RANDOM_WORD(&of_all, surnames), born);
	put_id(r, DEMO_MEMBER, member);
	put_id(r, DEMO_HOUSEHOLD, household);
	put_sealed(r, key, &place, plain);
}

void fill_names(const struct demo_plan *p, struct rows *r)
{
	for (int64_t household = p->cases; household < p->households; household++) {
		const struct seal_key *key = demo_key_next(p->load->sealer);
		struct demo_people h = demo_people(p, household);

		for (int i = 0; i < h.n; i++)
			put_name(p, r, key, household, i, &h.people[i]);
	}
}
