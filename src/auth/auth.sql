-- name: sign_in_look
-- The account, and whether this username is locked out; one row always, so that an unknown name
-- costs the same as a known one.
SELECT a.id, a.password_hash, f.locked_until > now() AS locked
  FROM (SELECT lower($1) AS username) n
  LEFT JOIN account a ON a.username = n.username AND a.disabled_at IS NULL
  LEFT JOIN sign_in_failure f ON f.username_hash = sha256(convert_to(n.username, 'UTF8'))

-- name: sign_in_failed
-- Five wrong passwords lock the name for 15 minutes; each further one locks it again.
WITH counted AS (
    INSERT INTO sign_in_failure AS f (username_hash) VALUES (sha256(convert_to(lower($1), 'UTF8')))
    ON CONFLICT (username_hash) DO UPDATE
       SET failures = CASE WHEN f.failed_at < now() - interval '1 hour' THEN 1 ELSE f.failures + 1 END, failed_at = now(),
           locked_until = CASE WHEN f.failed_at >= now() - interval '1 hour' AND f.failures + 1 >= 5
                               THEN now() + interval '15 minutes' ELSE f.locked_until END
)
INSERT INTO audit.event (account_id, request_id, action, subject_kind, subject_id)
VALUES ($2::uuid, $3, 'sign_in_failed', 'account', $2::uuid)

-- name: sign_in_forget_failures
DELETE FROM sign_in_failure WHERE username_hash = sha256(convert_to(lower($1), 'UTF8'))

-- name: session_create
WITH made AS (
    INSERT INTO session (account_id, token_hash, idle_minutes, expires_at)
    VALUES ($1::uuid, decode($2, 'hex'), 30, now() + interval '12 hours')
    RETURNING account_id, expires_at
), renewed AS (
    UPDATE account SET password_hash = $3 WHERE id = $1::uuid AND $3 <> ''
)
SELECT utc(m.expires_at) AS expires_at, a.role, a.display_name AS name, o.name AS organisation
  FROM made m JOIN account a ON a.id = m.account_id JOIN organisation o ON o.id = a.organisation_id

-- name: session_show
SELECT s.id, utc(s.created_at) AS created_at, utc(s.expires_at) AS expires_at, a.username, a.display_name AS name, a.role,
       a.organisation_id, o.name AS organisation, o.partnership_id
  FROM session s JOIN account a ON a.id = s.account_id JOIN organisation o ON o.id = a.organisation_id
 WHERE s.id = $1::uuid

-- name: session_revoke
UPDATE session SET revoked_at = now() WHERE id = $1::uuid AND revoked_at IS NULL RETURNING id

-- name: account_list
SELECT a.id, a.username, a.display_name AS name, a.role, a.organisation_id, o.name AS organisation,
       a.disabled_at IS NOT NULL AS disabled, utc(a.created_at) AS created_at,
       a.created_at::text || '|' || a.id AS _cursor
  FROM account a JOIN organisation o ON o.id = a.organisation_id
 WHERE o.partnership_id = $1::uuid
   AND ($3::text IS NULL OR (a.created_at, a.id) < (split_part($3, '|', 1)::timestamptz, split_part($3, '|', 2)::uuid))
 ORDER BY a.created_at DESC, a.id DESC LIMIT $2::integer

-- name: account_create
INSERT INTO account (organisation_id, username, display_name, role, password_hash)
SELECT o.id, lower($3), $4, $5::text, $6 FROM organisation o
 WHERE o.id = $1::uuid AND o.partnership_id = $2::uuid
   AND o.kind = CASE WHEN $5::text IN ('provider', 'contractor') THEN $5::text ELSE 'council' END
RETURNING id, username, display_name AS name, role, organisation_id, false AS disabled, utc(created_at) AS created_at

-- name: account_disable
-- Ends the sessions too; every batch of theirs already asks for disabled_at.
WITH ended AS (
    UPDATE session SET revoked_at = now() WHERE account_id = $1::uuid AND revoked_at IS NULL
)
UPDATE account a SET disabled_at = coalesce(disabled_at, now())
  FROM organisation o
 WHERE a.id = $1::uuid AND o.id = a.organisation_id AND o.partnership_id = $2::uuid AND a.id <> $3::uuid
RETURNING a.id, a.username, a.display_name AS name, a.role, a.organisation_id, true AS disabled, utc(a.created_at) AS created_at

-- name: account_sign_out
-- No row where the account is not of the partnership.
WITH known AS (
    SELECT a.id FROM account a JOIN organisation o ON o.id = a.organisation_id WHERE a.id = $1::uuid AND o.partnership_id = $2::uuid
), ended AS (
    UPDATE session s SET revoked_at = now() FROM known k WHERE s.account_id = k.id AND s.revoked_at IS NULL RETURNING s.id
)
SELECT (SELECT count(*) FROM ended)::integer AS sessions_ended FROM known

-- name: account_password
SELECT a.username, a.password_hash, f.locked_until > now() AS locked
  FROM account a LEFT JOIN sign_in_failure f ON f.username_hash = sha256(convert_to(a.username, 'UTF8'))
 WHERE a.id = $1::uuid

-- name: account_set_password
-- A new password ends every other session of the person.
WITH ended AS (
    UPDATE session SET revoked_at = now() WHERE account_id = $1::uuid AND id <> $3::uuid AND revoked_at IS NULL
)
UPDATE account SET password_hash = $2 WHERE id = $1::uuid RETURNING id
