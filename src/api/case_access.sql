-- The lists of who may see a case. The rule itself is case_hidden().

-- name: cases_withheld
SELECT household_id FROM withheld_cases() h (household_id)

-- name: cases_named
-- Waiting households of which the caller may know which they are.
SELECT id FROM household WHERE organisation_id = my_organisation() AND closed_at IS NULL
 UNION ALL
SELECT id FROM household WHERE id = ANY (shared_cases()) AND organisation_id <> my_organisation()

-- name: case_lock
SELECT lock_case($1::uuid) AS _done

-- name: case_access_lock
-- A person who opened the case in an emergency sees it and decides nothing.
SELECT id, NOT restricted
    OR EXISTS (SELECT FROM case_access x
                WHERE x.household_id = $1::uuid AND x.access = 'allow' AND x.account_id = $3::uuid) AS listed
  FROM household WHERE id = (SELECT seen_case($1::uuid)) AND organisation_id = $2::uuid FOR NO KEY UPDATE

-- name: case_access_known
-- The account that is named ($2), where it is of the partnership; the caller's entry ($3), and whether others
-- are allowed.
SELECT (SELECT a.id FROM account a JOIN organisation o ON o.id = a.organisation_id
         WHERE a.id = $2::uuid AND o.id = ANY ((SELECT my_partners())::uuid[])) AS account,
       EXISTS (SELECT FROM case_access x
                WHERE x.household_id = (SELECT seen_case($1::uuid)) AND x.access = 'allow'
                  AND x.account_id <> $3::uuid) AS others

-- name: case_access_put
INSERT INTO case_access AS x (household_id, account_id, access, reason, given_by)
VALUES ($1::uuid, $2::uuid, $3, $4, $5::uuid)
ON CONFLICT (household_id, account_id) DO UPDATE
   SET access = excluded.access, reason = excluded.reason, given_by = excluded.given_by, at = now()

-- name: case_access_keep_own
-- A person who restricts a case continues to see it.
INSERT INTO case_access (household_id, account_id, access, reason, given_by)
SELECT $1::uuid, $2::uuid, 'allow', $3, $2::uuid WHERE $4 = 'allow'
ON CONFLICT DO NOTHING

-- name: case_access_drop
DELETE FROM case_access WHERE household_id = $1::uuid AND account_id = $2::uuid

-- name: case_access_settle
SELECT settle_access($1::uuid, $2::uuid) AS _done

-- name: case_access_show
SELECT id, reference, restricted FROM household WHERE id = (SELECT seen_case($1::uuid)) AND organisation_id = $2::uuid

-- name: case_access_entries
SELECT x.account_id, a.display_name AS name, a.role, o.name AS organisation, x.access, x.reason,
       g.display_name AS given_by, utc(x.at) AS at
  FROM case_access x JOIN account a ON a.id = x.account_id JOIN organisation o ON o.id = a.organisation_id
  LEFT JOIN account g ON g.id = x.given_by
 WHERE x.household_id = (SELECT seen_case($1::uuid))
 ORDER BY x.access, a.display_name, x.account_id

-- name: case_access_people
-- The people who can be named: those of the partnership with a role that could come across a case.
SELECT a.id AS account_id, a.display_name AS name, a.role, o.name AS organisation
  FROM account a JOIN organisation o ON o.id = a.organisation_id
 WHERE o.id = ANY ((SELECT my_partners())::uuid[]) AND a.disabled_at IS NULL AND a.role <> 'contractor'
 ORDER BY o.name, a.display_name, a.id
