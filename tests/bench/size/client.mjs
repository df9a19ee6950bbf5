// One connection to the service, and what it took: one sample a request, by route row and role.
import http from 'node:http';
import { randomUUID } from 'node:crypto';

export const samples = [];	// { route, role, what, status, ms }

const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
const [host, port] = process.argv[2].split(':');
const tokens = new Map();	// role -> session

function read(answer, done) {
	const parts = [];

	answer.on('data', (part) => parts.push(part));
	answer.on('end', () => done(Buffer.concat(parts).toString()));
}

function send(method, path, headers, body) {
	return new Promise((done, failed) => {
		const begun = performance.now();
		const request = http.request({ agent, host, port, method, path, headers }, (answer) => {
			read(answer, (text) => done({
				status: answer.statusCode, text, ms: performance.now() - begun,
				etag: answer.headers.etag, type: answer.headers['content-type'] ?? '',
			}));
		});

		request.on('error', failed);
		request.end(body);
	});
}

function headers_of(method, role, { page, etag }, body) {
	return {
		Accept: page ? 'text/html' : '*/*',
		...(tokens.has(role) && { Authorization: `Bearer ${tokens.get(role)}` }),
		...(method === 'POST' && { 'Idempotency-Key': randomUUID() }),
		...(etag && { 'If-Match': etag }),
		...(body && {
			'Content-Type': `application/${method === 'PATCH' ? 'merge-patch+json' : 'json'}`,
			'Content-Length': Buffer.byteLength(body),
		}),
	};
}

// ids fill the template's {names} in their order. options: query, page, etag, what, allowed.
export async function ask(role, method, template, ids = [], json = undefined, options = {}) {
	const left = [...ids], body = json === undefined ? undefined : JSON.stringify(json);
	const path = template.replace(/\{\w+\}/g, () => encodeURIComponent(left.shift()));
	const prefix = options.page || options.bare ? '' : '/api/v1';
	const query = options.query ? `?${new URLSearchParams(options.query)}` : '';
	const answer = await send(method, prefix + path + query, headers_of(method, role, options, body), body);

	samples.push({
		route: `${method} ${template}${options.page ? ' (page)' : ''}`, role, what: options.what ?? '',
		status: answer.status, ms: answer.ms, text: answer.text,
		wrong: answer.status >= 400 && !options.allowed?.includes(answer.status),
	});
	answer.json = answer.type.includes('json') ? JSON.parse(answer.text) : null;
	return answer;
}

export async function sign_in(role, username, password) {
	const answer = await ask('nobody', 'POST', '/sessions', [], { username, password });

	if (answer.status !== 201)
		throw new Error(`${username} cannot sign in: ${answer.status} ${answer.text}`);
	tokens.set(role, answer.json.token);
}
