// The comparator of `make bench-peers`: Fastify and pg, a pool of eight, the same statements.
// PGHOST, PGDATABASE and PGUSER say where; SEARCH and READ are files with the statements.
import Fastify from 'fastify';
import pg from 'pg';
import { readFileSync } from 'node:fs';

const pool = new pg.Pool({ max: 8 });
const search = readFileSync(process.env.SEARCH, 'utf8');
const read = readFileSync(process.env.READ, 'utf8');
const app = Fastify();

app.post('/search', async (request) => {
  const { rows } = await pool.query({ name: 'search', text: search, values: [request.body.n] });
  return { options: rows };
});

app.get('/units/:id', async (request) => {
  const { rows } = await pool.query({ name: 'read', text: read, values: [request.params.id] });
  return rows[0];
});

await app.listen({ host: '127.0.0.1', port: Number(process.env.PORT) });
