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
UPDATE idempotency SET status = $3::integer, location = $4, body = $5, cases = touched_cases()
 WHERE account_id = $1::uuid AND key = $2

-- name: idempotency_stored
SELECT encode(request_hash, 'hex') AS request_hash, status, location, body, cases[1] AS household,
       true = ANY (cases_hidden(cases, array_fill($1::uuid, ARRAY[cardinality(cases)]))) AS hidden
  FROM idempotency WHERE account_id = $1::uuid AND key = $2

-- name: audit_many
-- Reads and searches of many requests in one commit; each item carries its session, which is
-- checked here, so that a revoked session sees nothing. A search that found nothing is unmet need.
-- An item that names a case hidden from who asks is not recorded and not answered; an event about
-- the trail itself names only what was asked for. Searches are counted by person and case, in the
-- order of the items, each person's rows in one order everywhere.
WITH item AS MATERIALIZED (
    SELECT i.ord, i.item, a.id AS account_id, a.organisation_id
      FROM jsonb_array_elements($1::jsonb) WITH ORDINALITY i (item, ord)
      LEFT JOIN (session s JOIN account a ON a.id = s.account_id)
        ON s.token_hash = decode(i.item ->> 'token', 'hex') AND s.revoked_at IS NULL AND s.expires_at > now()
           AND s.seen_at + make_interval(mins => s.idle_minutes) > now() AND a.disabled_at IS NULL
), named AS MATERIALIZED (
    SELECT item.*, e.value AS e FROM item, jsonb_array_elements(item.item -> 'events') e WHERE item.account_id IS NOT NULL
), hidden AS MATERIALIZED (
    SELECT p.ord
      FROM (SELECT array_agg(ord) AS ords, cases_hidden(array_agg((e ->> 'household')::uuid), array_agg(account_id)) AS flags
              FROM named WHERE e ->> 'household' IS NOT NULL AND e ->> 'kind' <> 'audit_event' HAVING count(*) > 0) k,
           unnest(k.ords, k.flags) p (ord, flag)
     WHERE p.flag
), event AS MATERIALIZED (
    SELECT * FROM named WHERE ord NOT IN (SELECT ord FROM hidden)
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
), search AS MATERIALIZED (
    SELECT ord, account_id, (e #>> '{detail,case}')::uuid AS household_id, e #>> '{detail,places}' AS places,
           (item ->> 'budget')::integer AS budget
      FROM event WHERE item ? 'budget' AND e -> 'detail' ? 'places'
), counted AS MATERIALIZED (
    SELECT s.ords, k.allowed, k.alert
      FROM (SELECT account_id, household_id, array_agg(ord ORDER BY ord) AS ords, array_agg(places ORDER BY ord) AS places,
                   max(budget) AS budget
              FROM search GROUP BY account_id, household_id ORDER BY account_id, household_id) s
     CROSS JOIN LATERAL count_searches(s.account_id, s.household_id, s.places, s.budget) k
)
SELECT item.ord, item.account_id IS NOT NULL AS signed_in, item.ord IN (SELECT ord FROM hidden) AS hidden, k.nth > k.allowed AS over, k.alert
  FROM item LEFT JOIN (SELECT o.ord, o.nth, counted.allowed, counted.alert
                         FROM counted CROSS JOIN LATERAL unnest(counted.ords) WITH ORDINALITY o (ord, nth)) k ON k.ord = item.ord
