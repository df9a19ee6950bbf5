-- Jobs: what is done without anybody asking.

-- name: job_list
SELECT j.name, utc(j.ran_at) AS ran_at, j.did, extract(epoch FROM j.late_after)::integer / 60 AS late_after_minutes,
       now() > coalesce(j.ran_at, j.known_from) + j.late_after AS late
  FROM job j ORDER BY late DESC, j.name
