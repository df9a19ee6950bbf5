-- Tasks: what the owners of cases are asked to do. Assessments of the risk that are due are derived.

-- name: task_list
-- plan: custom
-- Open tasks of the own organisation and of cases that others share, by the day on which they are due. $3 mine,
-- $4 kind.
SELECT t.id, t.kind, t.household_id, h.reference AS household_reference, colleague_name(h.owner_id) AS owner,
       coalesce(h.owner_id = audit.me('account')::uuid, false) AS mine, h.risk_level, h.risk_least, t.due_on,
       t.due_on < today() AS overdue,
       CASE WHEN t.kind = 'marac_referral' THEN marac_before(h.id, today() + 1) END AS repeat_of, t.version,
       t.due_on || '|' || t.key AS _cursor
  FROM (SELECT * FROM (
              (SELECT k.id, k.kind, k.household_id, k.due_on, k.id AS key, k.version FROM task k
                WHERE k.organisation_id = my_organisation() AND k.ended_at IS NULL
                  AND ($4::text IS NULL OR k.kind = $4)
                  AND ($3::boolean IS NULL OR $3 = EXISTS (
                       SELECT FROM household o WHERE o.id = k.household_id AND o.owner_id = audit.me('account')::uuid))
                  AND ($2::text IS NULL OR (k.due_on, k.id)
                       > (split_part($2, '|', 1)::date, split_part($2, '|', 2)::uuid))
                ORDER BY k.due_on, k.id LIMIT $1::integer)
               UNION ALL
              (SELECT k.id, k.kind, k.household_id, k.due_on, k.id, k.version FROM task k
                WHERE k.household_id = ANY (shared_cases()) AND k.organisation_id <> my_organisation()
                  AND k.ended_at IS NULL AND $3::boolean IS NOT TRUE
                  AND ($4::text IS NULL OR k.kind = $4)
                  AND ($2::text IS NULL OR (k.due_on, k.id)
                       > (split_part($2, '|', 1)::date, split_part($2, '|', 2)::uuid)))
               UNION ALL
              (SELECT NULL, 'risk_review', r.id, r.risk_review_on, r.id, NULL FROM household r
                WHERE r.organisation_id = my_organisation() AND r.closed_at IS NULL AND r.risk_review_on <= today()
                  AND ($4::text IS NULL OR $4 = 'risk_review')
                  AND ($3::boolean IS NULL OR $3 = coalesce(r.owner_id = audit.me('account')::uuid, false))
                  AND ($2::text IS NULL OR (r.risk_review_on, r.id)
                       > (split_part($2, '|', 1)::date, split_part($2, '|', 2)::uuid))
                ORDER BY r.risk_review_on, r.id LIMIT $1::integer)
               UNION ALL
              (SELECT NULL, 'risk_review', r.id, r.risk_review_on, r.id, NULL FROM household r
                WHERE r.id = ANY (shared_cases()) AND r.organisation_id <> my_organisation() AND r.closed_at IS NULL
                  AND r.risk_review_on <= today() AND $3::boolean IS NOT TRUE
                  AND ($4::text IS NULL OR $4 = 'risk_review')
                  AND ($2::text IS NULL OR (r.risk_review_on, r.id)
                       > (split_part($2, '|', 1)::date, split_part($2, '|', 2)::uuid)))) t
         ORDER BY t.due_on, t.key LIMIT $1::integer) t
  JOIN household h ON h.id = t.household_id
 ORDER BY t.due_on, t.key

-- name: task_lock
SELECT lock_case((SELECT t.household_id FROM task t WHERE t.id = $1::uuid)) AS _done

-- name: task_end
-- What is done is recorded where it is done; here is what was not needed.
UPDATE task SET ended_as = 'not_needed', reason = $3, ended_at = now(), ended_by = audit.me('account')::uuid,
       version = version + 1
 WHERE id = $1::uuid AND $2::integer IN (version, -1) AND ended_at IS NULL

-- name: task_show
SELECT t.id, t.kind, t.household_id, case_reference(t.household_id) AS household_reference,
       CASE WHEN t.kind = 'marac_referral' THEN marac_before(t.household_id, today() + 1) END AS repeat_of,
       t.due_on, t.ended_as, t.reason, colleague_name(t.ended_by) AS ended_by,
       utc(t.ended_at) AS ended_at, t.version, utc(t.created_at) AS created_at
  FROM task t WHERE t.id = $1::uuid
