// What people do, with valid bodies: every route that changes something, at least once a round. The
// records that it makes are kept for the walk through the routes that read.
import { ask, sign_in } from './client.mjs';

export const ids = new Map();	// first part of a path -> ids of records

const PASSWORD = 'bench-haven-2026-a';
const day = (n) => new Date(Date.now() + n * 86400e3).toISOString().slice(0, 10);

function keep(kind, id) {
	ids.set(kind, [...(ids.get(kind) ?? []), id]);
	return id;
}

async function made(kind, role, template, path_ids, body) {
	const answer = await ask(role, 'POST', template, path_ids, body);

	return keep(kind, answer.json?.id);
}

async function patch(role, template, path_ids, body, read = template) {
	const now = await ask(role, 'GET', read, path_ids);

	return ask(role, 'PATCH', template, path_ids, body(now.json), { etag: now.etag });
}

// ---- supply ----

async function supply(n) {
	const property = await made('properties', 'provider', '/properties', [], {
		type: 'refuge', public_name: `Bench House ${n}`, area_label: 'Coast', local_authority: 'E06000003',
		outward_code: 'TS10', residents: 'women', staffing: '24h', shared_access: true,
		address: { lines: [`${n} Invented Way`], postcode: 'TS10 1AA' },
	});
	const unit = await made('units', 'provider', '/units', [], {
		property_id: property, reference: `Room ${n}`, self_contained: false, bedrooms: 2, max_people: 6, cots: 1,
	});
	const vacancy = await made('vacancies', 'provider', '/vacancies', [], { unit_id: unit });

	return { property, unit, vacancy };
}

async function supply_changes(n) {
	const { property, unit, vacancy } = await supply(n);
	const until = { until_day: day(340) };

	await patch('provider', '/properties/{id}', [property], () => ({ area_label: 'By the sea' }));
	await patch('provider', '/units/{id}', [unit], () => ({ bedrooms: 3 }));
	await ask('provider', 'POST', '/units/{id}/mix-review', [unit], { poses: [], avoids: ['arson'] });
	await patch('provider', '/vacancies/{id}', [vacancy], () => ({ available_until: day(200) }));
	await ask('provider', 'POST', '/vacancies/{id}/confirm', [vacancy]);
	await ask('provider', 'POST', '/vacancies/{id}/withdraw', [vacancy], { reason: 'no_staff' });
	const gap = await made('voids', 'provider', '/voids', [], { unit_id: unit, from_day: day(330), reason: 'repair' });

	await patch('provider', '/voids/{id}', [gap], () => until);
	await ask('provider', 'POST', '/units/{id}/close', [unit]);
	await ask('provider', 'POST', '/properties/{id}/close', [property]);
}

// ---- cases ----

const household = (n) => ({
	situation: 'friends', urgency: 'emergency', risk_level: 'medium', pets: false, nrpf: false,
	members: [
		{ kind: 'main', name: `Invented Person ${n}`, birth_date: '1990-03-27', sex: 'female' },
		{ kind: 'child', age: 5, sex: 'female' },
	],
	unsafe_places: [{ kind: 'family', outward_code: 'SR7' }],
	parties: [{ name: `Invented Perpetrator ${n}` }],
	safe_contact: { phone: '01632960001', hours: 'evenings' },
});

async function refer(role, n) {
	const { json } = await ask(role, 'POST', '/referrals', [], {
		household: household(n), source: 'police', consent: 'given',
	});

	return { home: keep('households', json.household.id), referral: keep('referrals', json.referral.id),
		reference: json.household.reference };
}

async function case_changes(role, n) {
	const { home, referral } = await refer(role, n);
	const of = (what) => `/households/{id}/${what}`;

	await patch(role, '/households/{id}', [home], () => ({ band: 'band_2', band_reason: 'Looked at again' }));
	await ask(role, 'POST', of('parties'), [home], { name: `Invented Associate ${n}` });
	await ask(role, 'POST', of('unsafe-places'), [home], { kind: 'associates', outward_code: 'SR8' });
	await ask(role, 'POST', of('safe-contact'), [home], { phone: '01632960002' });
	await ask(role, 'POST', of('consents'), [home], { purpose: 'contact', basis: 'given' });
	await ask(role, 'POST', of('members'), [home], { kind: 'child', age: 3 });
	const now = (await ask(role, 'GET', '/households/{id}', [home])).json;
	const child = now.members.find((m) => m.age === 3).id;

	await ask(role, 'PATCH', '/members/{id}', [child], { age: 4 }, { etag: `"${now.version}"` });
	await ask(role, 'POST', '/unsafe-places/{id}/end', [now.unsafe_places[0].id]);
	await ask(role, 'PATCH', of('characteristics/{member}'), [home, child], { religion: 'not_known' }, { etag: '"0"' });
	await ask(role, 'POST', '/members/{id}/end', [child]);
	const { json: heard } = await ask(role, 'POST', of('maracs'), [home], { referred_on: day(-20) });

	await ask(role, 'PATCH', '/maracs/{id}', [heard.id], { heard_on: day(-2) }, { etag: `"${heard.version}"` });
	await patch(role, '/referrals/{id}', [referral], () => ({ state: 'triaged' }));
	await ask(role, 'POST', '/referrals/{id}/close', [referral], { reason: 'stayed_home' });
	await ask(role, 'POST', '/referrals', [], { household_id: home, source: 'self' });
}

async function draft(role) {
	const { json } = await ask(role, 'POST', '/referrals', [], { draft: { situation: 'rough', members: [{ kind: 'main' }] } });

	await patch(role, '/referrals/{id}', [json.referral.id], () => ({ state: 'submitted' }));
}

// ---- who sees a case, and who is watched ----

async function watched(role, others, n, me) {
	const { home, reference, referral } = await refer(role, `${n} watched`);
	const listed = (account_id, access) => ask(role, 'POST', '/households/{id}/access', [home],
		{ account_id, access, reason: 'Known to a member of the family' });

	await listed(me, 'allow');
	await ask(others, 'POST', '/break-glass', [], { household_reference: reference, reason: 'Invented emergency of a bench' });
	await ask(others, 'GET', '/referrals/{id}', [referral]);
	await listed(me, 'none');
	await ask(role, 'POST', '/person-searches', [], {
		name: `Invented Person ${n}`, birth_date: '1990-03-27', reason_code: 'caller', reason: 'Invented for a bench',
	});
	await ask(others, 'POST', '/conflict-declarations', [], { name: `Nobody Of Bench ${n}`, relationship: 'friend' });
}

async function reviewed() {
	const { json } = await ask('administrator', 'GET', '/alerts', [], undefined, { query: { state: 'open' } });
	const links = (await ask('administrator', 'GET', '/conflict-declarations')).json;

	for (const alert of json.items.slice(0, 2))
		await ask('administrator', 'POST', '/alerts/{id}/review', [alert.id], { finding: 'justified' },
			{ etag: `"${alert.version}"` });
	for (const link of links.items.filter((l) => !l.own && !l.ended_at).slice(0, 2))
		await ask('administrator', 'POST', '/conflict-declarations/{id}/end', [link.id], { reason: 'Bench is over' });
}

// ---- placements ----

async function held(role, n) {
	const [{ vacancy, property }, { home }] = [await supply(n), await refer(role, n)];

	await new Promise((later) => setTimeout(later, 100));	// what one worker took, the other sees within 60 ms
	await ask(role, 'POST', '/vacancy-searches', [], { household_id: home });
	await ask(role, 'POST', '/vacancy-searches', [], { household: { ...household(n), parties: undefined, safe_contact: undefined } });
	await ask(role, 'GET', '/vacancies/{id}/candidates', [vacancy]);
	keep('property-of-reveal', property);
	return made('placements', role, '/placements', [], { household_id: home, vacancy_id: vacancy });
}

async function placed(role, n) {
	const id = await held(role, n);
	const step = (who, verb, body) => ask(who, 'POST', `/placements/{id}/${verb}`, [id], body);

	await step(role, 'extend', { minutes: 10 });
	await step(role, 'offer', {});
	await step('provider', 'accept');
	return step;
}

// One end of a placement each.
const ends = [
	async (role, n) => {
		const step = await placed(role, n);

		await step(role, 'address', { purpose: 'arrange_travel' });
		await step('provider', 'address', { purpose: 'let_in' });
		await step('provider', 'arrive', {});
		await step(role, 'depart', { reason: 'planned_move_on', destination: 'social_tenancy' });
	},
	async (role, n) => {
		const step = await placed(role, n);

		await step(role, 'arrive', {});
		await step('provider', 'depart', { reason: 'safety', destination: 'not_known' });
	},
	async (role, n) => (await placed(role, n))('provider', 'not-arrived', { reason: 'changed_mind' }),
	async (role, n) => (await placed(role, n))(role, 'cancel', { reason: 'changed_mind' }),
	async (role, n) => ask(role, 'POST', '/placements/{id}/decline', [await held(role, n)],
		{ side: 'household', reason: 'too_near' }),
	async (role, n) => {
		const id = await held(role, n);

		await ask(role, 'POST', '/placements/{id}/offer', [id], {});
		await ask('provider', 'POST', '/placements/{id}/decline', [id], { reason: 'capacity' });
	},
	held,
];

// ---- people ----

async function people(n) {
	const mine = (await ask('administrator', 'GET', '/sessions/current')).json.organisation_id;
	const other = await made('organisations', 'administrator', '/organisations', [], { kind: 'provider', name: `Bench ${n}` });
	const account = await made('accounts', 'administrator', '/accounts', [], {
		organisation_id: mine, username: `bench-${n}`, name: 'Invented Colleague', role: 'analyst', password: PASSWORD,
	});

	await patch('administrator', '/organisations/{id}', [other], () => ({ name: `Bench ${n} again` }));
	await sign_in('colleague', `bench-${n}`, PASSWORD);
	await ask('colleague', 'POST', '/accounts/current/password', [],
		{ current_password: PASSWORD, new_password: `${PASSWORD}-b` });
	await ask('colleague', 'DELETE', '/sessions/current');
	await ask('administrator', 'POST', '/accounts/{id}/sign-out', [account]);
	await ask('administrator', 'POST', '/accounts/{id}/disable', [account]);
}

export async function tell(run, rounds, usernames) {
	const council = ['housing_officer', 'navigator'];
	const accounts = (await ask('administrator', 'GET', '/accounts', [], undefined, { query: { limit: 100 } })).json.items;
	const account_of = (role) => accounts.find((a) => a.username === usernames[role]).id;

	for (let i = 0; i < rounds; i++) {
		const n = `${run} ${i}`, role = council[i % 2], other = council[(i + 1) % 2];

		await supply_changes(`${n} a`);
		await case_changes(role, `${n} b`);
		await draft(role);
		for (const [k, end] of ends.entries())
			await end(role, `${n} ${k}`);
		await watched(role, other, n, account_of(role));
		await people(`${run}-${i}`);
	}
	await reviewed();
}
