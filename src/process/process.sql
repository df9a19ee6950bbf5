-- name: migration_latest
SELECT name FROM haven_migration ORDER BY name DESC LIMIT 1

-- name: policy_now
SELECT numbers, digest FROM policy

-- name: tidy
SELECT tidy() AS expired, note_lapses() AS lapsed, keep_works() AS works

-- name: job_times
SELECT j.name, extract(epoch FROM j.ran_at)::bigint AS ran,
       extract(epoch FROM coalesce(j.ran_at, j.known_from) + j.late_after)::bigint AS due
  FROM job j
