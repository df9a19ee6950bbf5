// Walks every route row as every role that it lets in, on a service that holds a national set, and fails
// where an answer is no answer or takes too long.
//
//	node walk.mjs HOST:PORT ROUTES PASSWORD [ROUNDS]
//
// ROUTES is what build/bench/routes prints. Routes that change something are walked by story.mjs.
import { readFileSync } from 'node:fs';
import { ask, samples, sign_in } from './client.mjs';
import { ids, tell } from './story.mjs';

const TOO_LONG = 300;	// ms
const [, , , routes_file, password, rounds = '3'] = process.argv;
const accounts = {
	housing_officer: 'officer', provider: 'provider', navigator: 'navigator', finance_officer: 'finance',
	finance_approver: 'approver', analyst: 'analyst', sanctuary_coordinator: 'sanctuary', contractor: 'contractor',
	administrator: 'admin',
};
const names = { '/codes/{name}': ['sex'], '/assets/{name}': ['favicon.svg'], '/problems/{slug}': ['not-found'] };

const routes = readFileSync(routes_file, 'utf8').trimEnd().split('\n').map((line) => {
	const [method, path, where, roles, query = ''] = line.split('\t');

	return { method, path, where: where.split(','), roles: roles ? roles.split(',') : ['nobody'],
		query: query.split('&').filter(Boolean).map((q) => q.split('=')) };
});

// ---- which records ----

const lists = new Map();	// "role kind" -> ids

// Of the role's own list, or else the officer's; else of what the story made.
async function ids_of(role, kind, query = {}) {
	const key = `${role} ${kind} ${query.state}`, list = routes.find((r) => r.method === 'GET' && r.path === `/${kind}`);

	if (!lists.has(key)) {
		const may = list?.roles.includes(role) ? role : 'housing_officer';
		const answer = list?.roles.includes(may) &&
			await ask(may, 'GET', `/${kind}`, [], undefined, { query: { ...query, limit: 100 } });
		const found = answer?.json?.items.map((item) => item.id) ?? [];

		lists.set(key, found.length ? found : ids.get(kind) ?? []);
	}
	return lists.get(key);
}

const spread = (all, n) => all.filter((_, i) => i % Math.max(1, Math.floor(all.length / n)) === 0).slice(0, n);

async function paths_of(role, path) {
	const kind = path.split('/')[1];

	if (names[path])
		return names[path].map((name) => [name]);
	if (!path.includes('{'))
		return [[]];
	if (path.includes('/address-reveals'))
		return spread(ids.get('property-of-reveal'), 10).map((id) => [id]);
	// what is no longer on offer has no candidates
	return spread(await ids_of(role, kind, path.endsWith('/candidates') ? { state: 'open' } : {}), 10).map((id) => [id]);
}

// ---- which questions ----

// A value of each kind that a list can be asked by, and one that nothing answers to.
async function values_of(role, [name, kinds]) {
	if (kinds === 'uuid')
		return [...(await ids_of(role, { property_id: 'properties', unit_id: 'units', household_id: 'households',
			organisation_id: 'organisations', account_id: 'accounts', subject_id: 'households',
			referral_id: 'referrals' }[name])).slice(0, 1), '00000000-0000-4000-8000-00000000dead'];
	return kinds === 'text' ? ['H-NONE22'] : kinds.split('|');
}

// As the page before would have said: from the middle of the years, and behind the last.
function cursors(sample) {
	const plain = sample && Buffer.from(sample, 'base64url').toString();
	const at = (when) => Buffer.from(`${when} 00:00:00+00|00000000-0000-4000-8000-000000000000`).toString('base64url');

	if (!plain)
		return [];
	return plain.includes('|') ? [sample, at('2022-06-01'), at('1999-01-01')]
		: [sample, ...[2, 1e9].map((n) => Buffer.from(String(Math.floor(plain / n))).toString('base64url'))];
}

async function questions(role, route, path_ids) {
	const asked = [{}];

	for (const [name, kinds] of route.query.filter(([n]) => n !== 'cursor'))
		for (const value of await values_of(role, [name, kinds]))
			asked.push({ [name]: value });
	if (!route.query.some(([n]) => n === 'cursor') || !route.where.includes('api'))
		return asked;
	for (const one of [...asked].filter((q) => !q.limit)) {
		const first = await ask(role, 'GET', route.path, path_ids, undefined, { query: { ...one, limit: 2 } });

		asked.push(...cursors(first.json?.next).map((cursor) => ({ ...one, cursor })));
	}
	return asked;
}

// ---- walking ----

async function walk_one(role, route, where) {
	const options = { page: where === 'page', bare: where === 'bare' };
	const paths = await paths_of(role, route.path);

	for (const path_ids of paths)
		for (let i = 0; i < Math.ceil(10 / paths.length); i++)
			await ask(role, 'GET', route.path, path_ids, undefined, options);
	for (const query of await questions(role, route, paths[0] ?? []))
		for (let i = 0; i < 2 && paths.length; i++)
			await ask(role, 'GET', route.path, paths[0], undefined,
				{ ...options, query, what: new URLSearchParams(query).toString() });
}

async function walk() {
	for (const route of routes.filter((r) => r.method === 'GET'))
		for (const role of route.roles)
			for (const where of route.where)
				await walk_one(role, route, where);
}

// ---- what came out ----

const at = (sorted, q) => sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * q) - 1)];

function rows() {
	const by = new Map();

	for (const s of samples)
		by.set(`${s.route}\t${s.role}`, [...(by.get(`${s.route}\t${s.role}`) ?? []), s]);
	return [...by].map(([key, all]) => {
		const ms = all.map((s) => s.ms).sort((a, b) => a - b);

		return { key, n: all.length, median: at(ms, 0.5), p99: at(ms, 0.99),
			slowest: all.reduce((a, b) => (a.ms > b.ms ? a : b)), wrong: all.filter((s) => s.wrong) };
	});
}

function walked(route, role) {
	return samples.some((s) => s.role === role && s.route === `${route.method} ${route.path}`);
}

function report() {
	let faults = 0;

	for (const { key, n, median, p99, slowest, wrong } of rows().sort((a, b) => b.p99 - a.p99)) {
		const [route, role] = key.split('\t'), slow = p99 > TOO_LONG;

		console.log(`${route.padEnd(58)} ${role.padEnd(22)} ${String(n).padStart(4)}  median ${median.toFixed(1).padStart(7)}` +
			`  p99 ${p99.toFixed(1).padStart(7)} ms${slow ? '  TOO SLOW' : ''}${slowest.what ? `  ${slowest.what}` : ''}`);
		for (const s of wrong.slice(0, 2))
			console.log(`  WRONG ${s.status} ${s.what} ${s.text.slice(0, 300)}`);
		faults += slow + (wrong.length > 0);
	}
	return faults;
}

for (const [role, username] of Object.entries(accounts))
	await sign_in(role, username, password);
await tell(Date.now().toString(36), Number(rounds), accounts);
await walk();
const faults = report();

for (const route of routes)
	for (const role of route.roles.filter((r) => route.where.includes('api') && !walked(route, r)))
		console.log(`not walked: ${route.method} ${route.path} as ${role}`);
console.log('not walked: the forms of pages, which the handlers above answer');
console.log(`${samples.length} requests, ${faults} faults`);
process.exit(faults ? 1 : 0);
