-- What the home page shows at once.

-- name: home_alerts
-- Alerts that the caller may review.
SELECT count(*) AS alerts, count(*) FILTER (WHERE overdue) AS overdue
  FROM alerts()
 WHERE reviewed_at IS NULL AND account_id <> $1::uuid
