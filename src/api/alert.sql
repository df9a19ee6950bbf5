-- Alerts and their review. The functions check the caller.

-- name: alert_list
-- plan: custom
-- Without the texts: those are for the reviewer of one alert.
SELECT a.id, a.kind, a.organisation, a.account, a.household_reference, utc(a.raised_at) AS raised_at, a.review_due_on,
       a.overdue, utc(a.reviewed_at) AS reviewed_at, a.finding, a.version, a.raised_at::text || '|' || a.id AS _cursor
  FROM (SELECT x.id, x.raised_at FROM unnest(my_partners()) o
         CROSS JOIN LATERAL (
               SELECT id, raised_at FROM alert
                WHERE organisation_id = o
                  AND ($3::text IS NULL OR $3 = 'reviewed' OR reviewed_at IS NULL)
                  AND ($3::text IS NULL OR $3 <> 'reviewed' OR reviewed_at IS NOT NULL)
                  AND ($3::text IS NULL OR $3 <> 'overdue' OR review_due_on < today())
                  AND ($4::text IS NULL OR kind = $4)
                  AND ($2::text IS NULL OR (raised_at, id)
                       < (split_part($2, '|', 1)::timestamptz, split_part($2, '|', 2)::uuid))
                ORDER BY raised_at DESC, id DESC LIMIT $1::integer) x
         ORDER BY x.raised_at DESC, x.id DESC LIMIT $1::integer) p
 CROSS JOIN LATERAL alert_of(p.id) a
 ORDER BY p.raised_at DESC, p.id DESC

-- name: alert_show
SELECT a.id, a.kind, a.organisation_id, a.organisation, a.account_id, a.account, a.household_reference, a.reason,
       utc(a.raised_at) AS raised_at, a.review_due_on, a.overdue, utc(a.reviewed_at) AS reviewed_at, a.reviewer,
       a.finding, a.note, a.version
  FROM alert_of($1::uuid) a

-- name: alert_review
-- $2 is -1 for any version.
SELECT review_alert($1::uuid, coalesce(nullif($2::integer, -1), (SELECT a.version FROM alert_of($1::uuid) a)), $3, $4)
           AS _outcome
