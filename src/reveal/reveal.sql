-- name: reveal_address
-- role: vault
-- $1 hash of the session's token, $2 placement, $3 what for, $4 request. No row: nothing for who asks.
SELECT outcome, property, organisation, wrapped, sealed, shown FROM vault.reveal(decode($1, 'hex'), $2::uuid, $3, $4)

-- name: porter_look
-- role: vault
SELECT account, password_hash, locked FROM vault.sign_in_look($1)

-- name: porter_wrong
-- role: vault
SELECT vault.sign_in_failed($1, $2::uuid, $3) AS _done

-- name: porter_sign_in
-- role: vault
SELECT vault.sign_in($1, $2::uuid, $3, $4, decode($5, 'hex'), $6) AS done

-- name: porter_known
-- role: vault
SELECT account, name, password_hash, locked FROM vault.password_look(decode($1, 'hex'), $2)

-- name: porter_change
-- role: vault
SELECT vault.password_change(decode($1, 'hex'), $2, $3, $4) AS done
