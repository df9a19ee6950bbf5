-- All: $1 hash of the session's token, $3 purpose, $4 request. No row: the person may not see it.

-- name: reveal_address
-- role: vault
-- $2 placement.
SELECT outcome, 1 AS kind, property AS row, property AS subject, organisation, wrapped, sealed, shown
  FROM vault.reveal(decode($1, 'hex'), $2::uuid, $3, $4)

-- name: reveal_secret
-- role: vault
-- $2 the entry of case_secret.
SELECT outcome, kind, $2 AS row, household AS subject, organisation, wrapped, sealed, shown
  FROM vault.tell(decode($1, 'hex'), $2::uuid, $3, $4)

-- name: reveal_payee
-- role: vault
-- $2 the payee.
SELECT outcome, kind, $2 AS row, household AS subject, organisation, wrapped, sealed, shown
  FROM vault.tell_payee(decode($1, 'hex'), $2::uuid, $3, $4)
