-- name: sign_in_look
-- role: vault
SELECT account, password_hash, locked FROM vault.sign_in_look($1)

-- name: sign_in_wrong
-- role: vault
SELECT vault.sign_in_failed($1, $2::uuid, $3) AS _done

-- name: sign_in_open
-- role: vault
SELECT vault.sign_in($1, $2::uuid, $3, $4, decode($5, 'hex'), $6) AS done

-- name: password_look
-- role: vault
SELECT account, name, password_hash, locked FROM vault.password_look(decode($1, 'hex'), $2)

-- name: password_change
-- role: vault
SELECT vault.password_change(decode($1, 'hex'), $2, $3, $4) AS done
