-- What the home page shows at once.

-- name: home_taken
-- Cases of the caller's organisation that a person of another has taken over and still works on.
SELECT s.household_id, h.reference, a.display_name AS person, o.name AS organisation, utc(s.ends_at) AS ends_at
  FROM case_share s
  JOIN household h ON h.id = s.household_id AND h.organisation_id = my_organisation()
  JOIN account a ON a.id = s.account_id JOIN organisation o ON o.id = s.organisation_id
 WHERE s.opening_id IS NOT NULL AND s.ends_at > now()
 ORDER BY s.given_at DESC, s.id

-- name: home_tasks
-- What the caller is to do: about cases of their own, and of their role.
SELECT (SELECT count(*) FROM task t
         WHERE t.organisation_id = my_organisation() AND t.ended_at IS NULL
           AND EXISTS (SELECT FROM household h WHERE h.id = t.household_id AND h.owner_id = audit.me('account')::uuid))
     + (SELECT count(*) FROM household h
         WHERE h.organisation_id = my_organisation() AND h.closed_at IS NULL AND h.risk_review_on <= today()
           AND h.owner_id = audit.me('account')::uuid)
     + (SELECT count(*) FROM task t
         WHERE t.organisation_id = my_organisation() AND t.for_role = audit.me('role') AND t.about_id IS NOT NULL
           AND t.ended_at IS NULL AND coalesce(t.account_id = audit.me('account')::uuid, true)) AS tasks

-- name: home_alerts
-- Alerts that the caller may review.
SELECT count(*) AS alerts, count(*) FILTER (WHERE review_due_on < today()) AS overdue FROM alert
 WHERE organisation_id = ANY (my_partners()) AND reviewed_at IS NULL AND account_id <> $1::uuid

-- name: home_notices
-- Newest first, at most $1.
SELECT n.id, n.kind, n.vacancy_id, n.placement_id, n.unit_reference, n.provider, n.household_reference, n.at,
       n.expires_at, n.arrival_time
  FROM notice_view n ORDER BY n.happened DESC, n.id LIMIT $1::integer
