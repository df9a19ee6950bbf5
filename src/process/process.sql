-- name: migration_latest
SELECT name FROM haven_migration ORDER BY name DESC LIMIT 1

-- name: policy_now
SELECT numbers, digest FROM policy

-- name: tidy
SELECT tidy() AS expired, note_lapses() AS lapsed
