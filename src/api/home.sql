-- What the home page shows at once.

-- name: home_alerts
-- Alerts that the caller may review.
SELECT count(*) AS alerts, count(*) FILTER (WHERE review_due_on < today()) AS overdue FROM alert
 WHERE organisation_id = ANY (my_partners()) AND reviewed_at IS NULL AND account_id <> $1::uuid

-- name: home_notices
-- Newest first, at most $1.
SELECT n.id, n.kind, n.vacancy_id, n.placement_id, n.unit_reference, n.provider, n.household_reference, n.at
  FROM notice_view n ORDER BY n.happened DESC, n.id LIMIT $1::integer
