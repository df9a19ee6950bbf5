-- name: migration_latest
SELECT name FROM haven_migration ORDER BY name DESC LIMIT 1

-- name: tidy
SELECT tidy() AS expired
