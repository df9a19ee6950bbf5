-- The sealer, as the vault's role.

-- name: seal_lock
-- role: vault
-- One sealer at a time, as long as its connection lives.
SELECT pg_try_advisory_lock(7219400125013) AS mine

-- name: seal_chains
-- role: vault
SELECT c AS chain, l.position, encode(l.hash, 'hex') AS hash
  FROM generate_series(0, 63) c,
       LATERAL (SELECT position, hash FROM audit.link WHERE chain = c ORDER BY position DESC LIMIT 1) l

-- name: seal_last
-- role: vault
SELECT coalesce((SELECT seq FROM audit.link ORDER BY seq DESC LIMIT 1), 0) AS seq

-- name: seal_head
-- role: vault
-- The newest head.
SELECT number, at, links, horizon, chains, previous, signature FROM audit.head ORDER BY number DESC LIMIT 1

-- name: seal_now
-- role: vault
SELECT pg_snapshot_xmin(s) AS xmin, pg_snapshot_xmax(s) AS xmax,
       (extract(epoch FROM clock_timestamp()) * 1000000)::bigint AS now
  FROM pg_current_snapshot() s

-- name: seal_events
-- role: vault
-- Behind ($1, $2) and before transaction $3, up to $4: in the order of audit_column.
SELECT e.id, e.at, e.xid, e.account_id, e.organisation_id, e.request_id, e.action, e.subject_kind, e.subject_id,
       e.household_id, e.detail, e.case_organisation_id
  FROM audit.event e
 WHERE (e.xid, e.id) > ($1::xid8, $2::bigint) AND e.xid < $3::xid8
   AND NOT EXISTS (SELECT FROM audit.link l WHERE l.event_id = e.id)
 ORDER BY e.xid, e.id LIMIT $4::integer

-- name: seal_links
-- role: vault
COPY audit.link (seq, event_id, chain, position, hash) FROM STDIN

-- name: seal_sign
-- role: vault
INSERT INTO audit.head (number, at, links, horizon, chains, previous, signature)
VALUES ($1::bigint, 'epoch'::timestamptz + $2::bigint * interval '1 microsecond', $3::bigint, $4::xid8,
        decode($5, 'hex'), decode($6, 'hex'), decode($7, 'hex'))

-- The check, as the owner.

-- name: audit_snapshot
-- role: tool
SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY

-- name: audit_by_index
-- role: tool
-- Links come by their index and each finds its event by its own: sorting them all would take room for them all.
SELECT set_config(s, 'off', true) FROM unnest(ARRAY['enable_sort', 'enable_hashjoin', 'enable_mergejoin']) s

-- name: audit_by_hash
-- role: tool
SELECT set_config(s, 'on', true) FROM unnest(ARRAY['enable_sort', 'enable_hashjoin', 'enable_mergejoin']) s

-- name: audit_now
-- role: tool
SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint AS now

-- name: audit_heads
-- role: tool
COPY (SELECT number, at, links, horizon, chains, previous, signature FROM audit.head ORDER BY number) TO STDOUT

-- name: audit_links
-- role: tool
COPY (SELECT l.seq, l.event_id, l.chain, l.position, l.hash, e.id, e.at, e.xid, e.account_id, e.organisation_id,
             e.request_id, e.action, e.subject_kind, e.subject_id, e.household_id, e.detail,
             e.case_organisation_id
        FROM audit.link l LEFT JOIN audit.event e ON e.id = l.event_id ORDER BY l.seq) TO STDOUT

-- name: audit_loose
-- role: tool
COPY (SELECT e.id, e.at, e.xid, e.account_id, e.organisation_id, e.request_id, e.action, e.subject_kind, e.subject_id,
             e.household_id, e.detail, e.case_organisation_id
        FROM audit.event e WHERE NOT EXISTS (SELECT FROM audit.link l WHERE l.event_id = e.id) ORDER BY e.id) TO STDOUT

-- name: audit_head_newest
-- role: tool
SELECT number, at, links, horizon, chains, previous, signature FROM audit.head ORDER BY number DESC LIMIT 1
