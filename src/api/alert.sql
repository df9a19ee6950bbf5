-- Alerts and their review. The functions check the caller.

-- name: alert_list
-- Without the texts: those are for the reviewer of one alert.
SELECT a.id, a.kind, a.organisation, a.account, a.household_reference, utc(a.raised_at) AS raised_at, a.review_due_on,
       a.overdue, utc(a.reviewed_at) AS reviewed_at, a.finding, a.version, a.raised_at::text || '|' || a.id AS _cursor
  FROM alerts() a
 WHERE ($3::text IS NULL OR CASE $3 WHEN 'open' THEN a.reviewed_at IS NULL WHEN 'overdue' THEN a.overdue
        ELSE a.reviewed_at IS NOT NULL END)
   AND ($4::text IS NULL OR a.kind = $4)
   AND ($2::text IS NULL OR (a.raised_at, a.id) < (split_part($2, '|', 1)::timestamptz, split_part($2, '|', 2)::uuid))
 ORDER BY a.raised_at DESC, a.id DESC LIMIT $1::integer

-- name: alert_show
SELECT a.id, a.kind, a.organisation_id, a.organisation, a.account_id, a.account, a.household_reference, a.reason,
       utc(a.raised_at) AS raised_at, a.review_due_on, a.overdue, utc(a.reviewed_at) AS reviewed_at, a.reviewer,
       a.finding, a.note, a.version
  FROM alerts() a WHERE a.id = $1::uuid

-- name: alert_review
SELECT review_alert($1::uuid, $2::integer, $3, $4) AS _outcome
