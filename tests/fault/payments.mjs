// Load of payments for the fault tests: users hand cards out and finance confirms them, each act with an
// Idempotency-Key that is repeated until its outcome is known. SIGTERM ends it: each user then finishes the act it is
// at. Writes what was acknowledged, a line each: serial, state.
//
//	node payments.mjs PORT LEDGER USERS < requests, an id a line
import { randomUUID } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';

const [port, ledger, users] = process.argv.slice(2);
const requests = readFileSync(0, 'utf8').split('\n').filter(Boolean);
const acknowledged = [], count = { acts: 0, lost: 0, unavailable: 0, unexpected: 0 };
let stopping = false;

process.on('SIGTERM', () => { stopping = true; });

async function once(token, path, key, body) {
	try {
		const answer = await fetch(`http://127.0.0.1:${port}/api/v1${path}`, {
			method: 'POST', body: JSON.stringify(body), signal: AbortSignal.timeout(10000),
			headers: { authorization: `Bearer ${token}`, 'idempotency-key': key, 'if-match': '"1"', 'content-type': 'application/json' },
		});
		return { status: answer.status, body: await answer.text() };
	} catch {
		count.lost++;
		return { status: 0, body: '' };
	}
}

// The answer, once it is known.
async function act(token, path, body) {
	const key = randomUUID();

	for (;;) {
		const answer = await once(token, path, key, body);

		if (answer.status === 503)
			count.unavailable++;
		if (answer.status !== 0 && answer.status !== 503 && !answer.body.includes('/problems/in-progress'))
			return answer;
		await new Promise((done) => setTimeout(done, 50 + Math.random() * 50));
	}
}

function expected(answer) {
	if (answer.status === 200)
		return true;
	if (count.unexpected++ < 5)
		console.error(`unexpected: ${answer.status} ${answer.body.slice(0, 300)}`);
	return false;
}

async function user(n) {
	for (let i = 0; !stopping && requests.length; i++) {
		const request = requests.pop(), serial = `CARD${n}N${i}`;
		const issued = await act(process.env.FAULT_OFFICER, `/fund/requests/${request}/issue`, { serial });

		if (!expected(issued))
			continue;
		count.acts++;
		const entry = [serial, 'pending'];
		acknowledged.push(entry);
		const payment = JSON.parse(issued.body).payments.at(-1).id;
		const act_on = i % 4 ? 'confirm' : 'bounce';
		const settled = await act(process.env.FAULT_FINANCE, `/fund/payments/${payment}/${act_on}`,
			{ settled_on: process.env.FAULT_TODAY, ...(i % 4 ? {} : { reason: 'not_collected' }) });

		if (!expected(settled))
			continue;
		count.acts++;
		entry[1] = i % 4 ? 'confirmed' : 'bounced';
	}
}

await Promise.all(Array.from({ length: Number(users) }, (_, n) => user(n)));
writeFileSync(ledger, acknowledged.map((line) => `${line.join('\t')}\n`).join(''));
for (const [name, n] of Object.entries(count))
	console.log(`${name} ${n}`);
