-- name: session_begun
-- Of the session that the vault has just opened; $1 its token's hash.
SELECT utc(s.expires_at) AS expires_at, a.role, a.display_name AS name, o.name AS organisation
  FROM session s JOIN account a ON a.id = s.account_id JOIN organisation o ON o.id = a.organisation_id
 WHERE s.token_hash = sha256(decode($1, 'hex'))

-- name: session_show
SELECT s.id, utc(s.created_at) AS created_at, utc(s.expires_at) AS expires_at, a.username, a.display_name AS name,
       a.role, a.organisation_id, o.name AS organisation, o.partnership_id
  FROM session s JOIN account a ON a.id = s.account_id JOIN organisation o ON o.id = a.organisation_id
 WHERE s.id = $1::uuid

-- name: session_revoke
SELECT sign_out($1::uuid) AS _done
