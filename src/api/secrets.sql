-- The key that a subject's values are sealed with: see vault.data_key.

-- name: secrets_put_key
SELECT vault.put_key($1, $2::uuid, $3::uuid, decode($4, 'hex'))
