-- name: audit_trail_list
-- What the partnership's people did, and what was done with its households. It has the names of changed
-- columns, never their values: a reader of the trail must not read cases in it.
SELECT e.id, utc(e.at) AS at, e.account_id, a.display_name AS account, e.organisation_id, e.request_id, e.action,
       e.subject_kind, e.subject_id, e.household_id, to_json(e.changed) AS changed, e.id::text AS _cursor
  FROM (SELECT e.id, e.at, e.account_id, e.organisation_id, e.request_id, e.action, e.subject_kind, e.subject_id,
               e.household_id,
               CASE WHEN e.action = 'update' THEN ARRAY(SELECT jsonb_object_keys(e.detail) ORDER BY 1)
                   ELSE '{}' END AS changed
          FROM audit.event e
         WHERE (e.organisation_id = ANY ((SELECT my_partners())::uuid[])
                OR e.organisation_id IS NULL AND case_of_partners(e.household_id))
           AND ($3::uuid IS NULL OR e.household_id = $3::uuid)
           AND ($4::uuid IS NULL OR e.account_id = $4::uuid)
           AND ($5::uuid IS NULL OR e.subject_id = $5::uuid)
           AND ($6::text IS NULL OR e.action = $6)
           AND ($2::text IS NULL OR e.id < $2::bigint)
         ORDER BY e.id DESC LIMIT $1::integer) e
  LEFT JOIN account a ON a.id = e.account_id
 ORDER BY e.id DESC

-- name: audit_trail_of_household
-- For people of the household's own organisation (audit_trail_owned checks that first): everyone who looked,
-- searched or changed, from any organisation.
SELECT e.id, utc(e.at) AS at, e.account_id, a.display_name AS account, e.organisation_id, o.name AS organisation,
       e.action, e.subject_kind, e.subject_id, to_json(e.changed) AS changed, e.id::text AS _cursor
  FROM (SELECT e.id, e.at, e.account_id, e.organisation_id, e.action, e.subject_kind, e.subject_id,
               CASE WHEN e.action = 'update' THEN ARRAY(SELECT jsonb_object_keys(e.detail) ORDER BY 1)
                   ELSE '{}' END AS changed
          FROM audit.event e
         WHERE e.household_id = $1::uuid
           AND ($4::text IS NULL OR e.action = $4)
           AND ($3::text IS NULL OR e.id < $3::bigint)
         ORDER BY e.id DESC LIMIT $2::integer) e
  LEFT JOIN account a ON a.id = e.account_id
  LEFT JOIN organisation o ON o.id = e.organisation_id
 ORDER BY e.id DESC

-- name: audit_trail_owned
SELECT case_is_ours($1::uuid) AS ours
