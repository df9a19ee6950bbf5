-- name: reveal_address
-- role: vault
-- $1 hash of the session's token, $2 placement, $3 purpose, $4 request. No row: the person may not see it.
SELECT outcome, property, organisation, wrapped, sealed, shown FROM vault.reveal(decode($1, 'hex'), $2::uuid, $3, $4)
