-- name: request_begin
SELECT session_id, account_id, organisation_id, partnership_id, role, display_name, organisation_name
  FROM begin_request(decode($1, 'hex'), $2, $3, decode($4, 'hex'))

-- name: request_read
-- Of a batch that only reads: no row where the session does not hold. A plain statement, because it
-- stands before every read, and a function that raises costs more than most of them.
SELECT set_config('haven.account', s.account_id::text, true), set_config('haven.organisation', a.organisation_id::text, true),
       set_config('haven.role', a.role, true), set_config('haven.partners', partners_of(a.organisation_id)::text, true),
       set_config('haven.denied', '', true), set_config('haven.opened', '', true),       set_config('haven.request', $2, true)
  FROM session s JOIN account a ON a.id = s.account_id
 WHERE s.token_hash = decode($1, 'hex') AND s.revoked_at IS NULL AND s.expires_at > now()
   AND s.seen_at + make_interval(mins => s.idle_minutes) > now() AND a.disabled_at IS NULL

-- name: idempotency_store
UPDATE idempotency SET status = $3::integer, location = $4, body = $5
 WHERE account_id = $1::uuid AND key = $2

-- name: idempotency_stored
SELECT encode(request_hash, 'hex') AS request_hash, status, location, body
  FROM idempotency WHERE account_id = $1::uuid AND key = $2

-- name: audit_many
-- Reads and searches of many requests in one commit; each item carries its session, which is
-- checked here, so that a revoked session sees nothing. A search that found nothing is unmet need.
WITH item AS MATERIALIZED (
    SELECT i.ord, i.item, a.id AS account_id, a.organisation_id
      FROM jsonb_array_elements($1::jsonb) WITH ORDINALITY i (item, ord)
      LEFT JOIN (session s JOIN account a ON a.id = s.account_id)
        ON s.token_hash = decode(i.item ->> 'token', 'hex') AND s.revoked_at IS NULL AND s.expires_at > now()
           AND s.seen_at + make_interval(mins => s.idle_minutes) > now() AND a.disabled_at IS NULL
), event AS MATERIALIZED (
    SELECT item.*, e.value AS e FROM item, jsonb_array_elements(item.item -> 'events') e WHERE item.account_id IS NOT NULL
), recorded AS (
    INSERT INTO audit.event (account_id, organisation_id, request_id, action, subject_kind, subject_id, household_id, detail)
    SELECT account_id, organisation_id, item ->> 'request', e ->> 'action', e ->> 'kind', (e ->> 'id')::uuid,
           (e ->> 'household')::uuid, e -> 'detail' FROM event
), unmet AS (
    INSERT INTO unmet_need (household_id, organisation_id, reasons, policy_version, inputs_hash)
    SELECT (e ->> 'household')::uuid, organisation_id, e -> 'detail' -> 'not_fitting', e -> 'detail' ->> 'policy_version',
           e -> 'detail' ->> 'inputs_hash'
      FROM event WHERE e ->> 'action' = 'search' AND e ->> 'household' IS NOT NULL AND (e -> 'detail' ->> 'matching')::integer = 0
    ON CONFLICT DO NOTHING
)
SELECT ord, account_id IS NOT NULL AS signed_in FROM item
