-- What the home page shows at once.

-- name: home_alerts
-- Alerts that the caller may review.
SELECT count(*) AS alerts, count(*) FILTER (WHERE review_due_on < today()) AS overdue FROM alert
 WHERE organisation_id = ANY (my_partners()) AND reviewed_at IS NULL AND account_id <> $1::uuid
