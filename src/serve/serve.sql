-- name: request_begin
SELECT session_id, account_id, organisation_id, partnership_id, role, display_name, organisation_name
  FROM begin_request(decode($1, 'hex'), $2, $3, decode($4, 'hex'))

-- name: request_read
-- Of a batch that only reads: no row where the session does not hold. A plain statement, because it
-- stands before every read, and a function that raises costs more than most of them.
SELECT set_config('haven.account', s.account_id::text, true),
       set_config('haven.organisation', s.organisation_id::text, true),
       set_config('haven.role', s.role, true), set_config('haven.partners', partners_of(s.organisation_id)::text, true),
       set_config('haven.denied', '', true), set_config('haven.opened', '', true), set_config('haven.request', $2, true)
  FROM open_session s WHERE s.token_hash = sha256(decode($1, 'hex'))

-- name: idempotency_store
UPDATE idempotency SET status = $3::integer, location = $4, body = $5, cases = touched_cases()
 WHERE account_id = $1::uuid AND key = $2

-- name: idempotency_stored
SELECT encode(request_hash, 'hex') AS request_hash, status, location, body, cases[1] AS household,
       true = ANY (cases_hidden(cases, array_fill($1::uuid, ARRAY[cardinality(cases)]))) AS hidden
  FROM idempotency WHERE account_id = $1::uuid AND key = $2

-- name: audit_many
-- Reads and searches of many requests in one commit; each item carries its session, which is
-- checked there, so that a revoked session sees nothing.
SELECT ord, signed_in, hidden, over, alert FROM audit.record_many($1::jsonb)
