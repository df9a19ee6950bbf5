-- Tasks: what the owners of cases are asked to do. Assessments of the risk that are due, and decisions on referrals
-- whose time has run out, are derived.

-- name: task_list
-- plan: custom
-- Open tasks of the own organisation, of cases that others share, and of the caller's role, by the day on which they
-- are due. $3 mine, $4 kind.
SELECT t.id, t.kind, t.household_id, h.reference AS household_reference,
       CASE WHEN f.id IS NOT NULL THEN 'fund_request' WHEN n.id IS NOT NULL THEN 'fund_run'
            WHEN y.id IS NOT NULL THEN 'fund_year' WHEN s.id IS NOT NULL THEN 'fund_statement'
            WHEN w.id IS NOT NULL THEN 'works_order' WHEN j.id IS NOT NULL THEN 'sanctuary_job'
            WHEN t.kind = 'decision_overdue' THEN 'referral' ELSE 'household' END AS about, t.about_id,
       coalesce(f.reference, n.reference, p.name || ', ' || fund.year_named(y.year), s.account_label, w.reference,
                j.reference) AS about_reference,
       coalesce(f.amount_pence, n.total_pence) AS amount_pence,
       coalesce(colleague_name(t.account_id), colleague_name(h.owner_id)) AS owner,
       coalesce(t.account_id = audit.me('account')::uuid, h.owner_id = audit.me('account')::uuid, false) AS mine,
       h.risk_level, h.risk_least, t.due_on,
       t.due_on < today() OR t.kind = 'decision_overdue' AS overdue,
       CASE WHEN t.kind = 'marac_referral' THEN marac_before(h.id, today() + 1) END AS repeat_of, t.version,
       t.placement_id, t.due_on || '|' || t.key AS _cursor
  FROM (SELECT * FROM (
              (SELECT k.id, k.kind, k.household_id, k.due_on, k.id AS key, k.version, NULL::uuid AS about_id,
                      NULL::uuid AS account_id, k.placement_id FROM task k
                WHERE k.organisation_id = my_organisation() AND k.household_id IS NOT NULL AND k.ended_at IS NULL
                  AND (SELECT sees_cases())
                  AND ($4::text IS NULL OR k.kind = $4)
                  AND ($3::boolean IS NULL OR $3 = EXISTS (
                       SELECT FROM household o WHERE o.id = k.household_id AND o.owner_id = audit.me('account')::uuid))
                  AND ($2::text IS NULL OR (k.due_on, k.id)
                       > (split_part($2, '|', 1)::date, split_part($2, '|', 2)::uuid))
                ORDER BY k.due_on, k.id LIMIT $1::integer)
               UNION ALL
              (SELECT k.id, k.kind, k.household_id, k.due_on, k.id, k.version, NULL, NULL, k.placement_id
                 FROM task k
                WHERE k.household_id = ANY (shared_cases()) AND k.organisation_id <> my_organisation()
                  AND k.ended_at IS NULL AND $3::boolean IS NOT TRUE
                  AND ($4::text IS NULL OR k.kind = $4)
                  AND ($2::text IS NULL OR (k.due_on, k.id)
                       > (split_part($2, '|', 1)::date, split_part($2, '|', 2)::uuid)))
               UNION ALL
              (SELECT NULL, 'risk_review', r.id, r.risk_review_on, r.id, NULL, NULL, NULL, NULL
                 FROM household r
                WHERE r.organisation_id = my_organisation() AND r.closed_at IS NULL AND r.risk_review_on <= today()
                  AND ($4::text IS NULL OR $4 = 'risk_review')
                  AND ($3::boolean IS NULL OR $3 = coalesce(r.owner_id = audit.me('account')::uuid, false))
                  AND ($2::text IS NULL OR (r.risk_review_on, r.id)
                       > (split_part($2, '|', 1)::date, split_part($2, '|', 2)::uuid))
                ORDER BY r.risk_review_on, r.id LIMIT $1::integer)
               UNION ALL
              (SELECT NULL, 'risk_review', r.id, r.risk_review_on, r.id, NULL, NULL, NULL, NULL
                 FROM household r
                WHERE r.id = ANY (shared_cases()) AND r.organisation_id <> my_organisation() AND r.closed_at IS NULL
                  AND r.risk_review_on <= today() AND $3::boolean IS NOT TRUE
                  AND ($4::text IS NULL OR $4 = 'risk_review')
                  AND ($2::text IS NULL OR (r.risk_review_on, r.id)
                       > (split_part($2, '|', 1)::date, split_part($2, '|', 2)::uuid)))
               UNION ALL
              (SELECT NULL, 'decision_overdue', r.household_id, london_day(c.due_at), r.id, NULL, r.id, NULL, NULL
                 FROM referral r JOIN referral_clock c ON c.referral_id = r.id
                WHERE r.organisation_id = my_organisation() AND r.state <> 'closed'
                  AND r.state IN ('submitted', 'triaged', 'active')
                  AND c.decided_at IS NULL AND c.due_at < now()
                  AND ($4::text IS NULL OR $4 = 'decision_overdue')
                  AND ($3::boolean IS NULL OR $3 = EXISTS (
                       SELECT FROM household o WHERE o.id = r.household_id AND o.owner_id = audit.me('account')::uuid))
                  AND ($2::text IS NULL OR (london_day(c.due_at), r.id)
                       > (split_part($2, '|', 1)::date, split_part($2, '|', 2)::uuid))
                ORDER BY london_day(c.due_at), r.id LIMIT $1::integer)
               UNION ALL
              (SELECT NULL, 'decision_overdue', r.household_id, london_day(c.due_at), r.id, NULL, r.id, NULL, NULL
                 FROM referral r JOIN referral_clock c ON c.referral_id = r.id
                WHERE r.household_id = ANY (shared_cases()) AND r.organisation_id <> my_organisation()
                  AND r.state IN ('submitted', 'triaged', 'active') AND $3::boolean IS NOT TRUE
                  AND c.decided_at IS NULL AND c.due_at < now()
                  AND ($4::text IS NULL OR $4 = 'decision_overdue')
                  AND ($2::text IS NULL OR (london_day(c.due_at), r.id)
                       > (split_part($2, '|', 1)::date, split_part($2, '|', 2)::uuid)))
               UNION ALL
              (SELECT k.id, k.kind, NULL, k.due_on, k.id, k.version, k.about_id, k.account_id, NULL
                 FROM task k
                WHERE k.organisation_id = my_organisation() AND k.for_role = audit.me('role') AND k.about_id IS NOT NULL
                  AND k.ended_at IS NULL AND ($4::text IS NULL OR k.kind = $4)
                  AND ($3::boolean IS NULL
                       OR $3 = coalesce(k.account_id = audit.me('account')::uuid, true))
                  AND ($2::text IS NULL OR (k.due_on, k.id)
                       > (split_part($2, '|', 1)::date, split_part($2, '|', 2)::uuid))
                ORDER BY k.due_on, k.id LIMIT $1::integer)) t
         ORDER BY t.due_on, t.key LIMIT $1::integer) t
  LEFT JOIN household h ON h.id = t.household_id
  LEFT JOIN fund.request f ON f.id = t.about_id
  LEFT JOIN fund.run n ON n.id = t.about_id
  LEFT JOIN fund.pot_year y ON y.id = t.about_id
  LEFT JOIN fund.pot p ON p.id = y.pot_id
  LEFT JOIN fund.statement s ON s.id = t.about_id
  LEFT JOIN sanctuary.works_order w ON w.id = t.about_id
  LEFT JOIN sanctuary.job j ON j.id = t.about_id
 ORDER BY t.due_on, t.key

-- name: task_lock
SELECT lock_case((SELECT t.household_id FROM task t WHERE t.id = $1::uuid)) AS _done

-- name: task_end
-- What is done is recorded where it is done; here is what was not needed.
UPDATE task SET ended_as = 'not_needed', reason = $3, ended_at = now(), ended_by = audit.me('account')::uuid,
       version = version + 1
 WHERE id = $1::uuid AND $2::integer IN (version, -1) AND ended_at IS NULL

-- name: task_check
SELECT record_check($1::uuid, $2::integer, $3, coalesce($4::date, today())) AS _outcome

-- name: task_show
SELECT t.id, t.kind, t.household_id, case_reference(t.household_id) AS household_reference, t.about, t.about_id,
       coalesce((SELECT r.reference FROM fund.request r WHERE r.id = t.about_id),
                (SELECT n.reference FROM fund.run n WHERE n.id = t.about_id),
                (SELECT p.name || ', ' || fund.year_named(y.year) FROM fund.pot_year y
                   JOIN fund.pot p ON p.id = y.pot_id WHERE y.id = t.about_id),
                (SELECT s.account_label FROM fund.statement s WHERE s.id = t.about_id),
                (SELECT w.reference FROM sanctuary.works_order w WHERE w.id = t.about_id),
                (SELECT j.reference FROM sanctuary.job j WHERE j.id = t.about_id)) AS about_reference,
       colleague_name(t.account_id) AS owner, colleague_name(t.handed_by) AS handed_by,
       t.about_id IS NOT NULL AND t.ended_at IS NULL AND t.for_role = audit.me('role')
           AND coalesce(t.account_id = audit.me('account')::uuid, true) AS may_hand_over,
       CASE WHEN t.about_id IS NOT NULL AND t.ended_at IS NULL THEN
           (SELECT coalesce(json_agg(json_build_object('code', a.id, 'label', a.display_name)
                                     ORDER BY a.display_name), '[]')
              FROM account a WHERE a.organisation_id = my_organisation() AND a.role = t.for_role
               AND a.disabled_at IS NULL) END AS colleagues,
       t.placement_id,
       CASE WHEN t.placement_id IS NOT NULL THEN
           (SELECT coalesce(json_agg(json_build_object('result', k.result, 'checked_on', k.checked_on,
                                                       'checked_by', colleague_name(k.checked_by))
                                     ORDER BY k.checked_on, k.created_at), '[]')
              FROM check_up k WHERE k.placement_id = t.placement_id AND k.kind = t.kind) END AS checks,
       CASE WHEN t.kind = 'marac_referral' THEN marac_before(t.household_id, today() + 1) END AS repeat_of,
       t.due_on, t.ended_as, t.reason, colleague_name(t.ended_by) AS ended_by,
       utc(t.ended_at) AS ended_at, t.version, utc(t.created_at) AS created_at
  FROM task t WHERE t.id = $1::uuid

-- name: task_hand_over
SELECT hand_over_task($1::uuid, $2::integer, $3::uuid) AS _outcome
