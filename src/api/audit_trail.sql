-- name: audit_trail_list
-- Of the partnership's people and households. Names of the columns that changed, never their values:
-- who keeps watch over the trail does not read cases by it.
SELECT e.id, utc(e.at) AS at, e.account_id, a.display_name AS account, e.organisation_id, e.request_id, e.action,
       e.subject_kind, e.subject_id, e.household_id, to_json(e.changed) AS changed, e.id::text AS _cursor
  FROM (SELECT e.id, e.at, e.account_id, e.organisation_id, e.request_id, e.action, e.subject_kind, e.subject_id, e.household_id,
               CASE WHEN e.action = 'update' THEN ARRAY(SELECT jsonb_object_keys(e.detail) ORDER BY 1) ELSE '{}' END AS changed
          FROM audit.event e
         WHERE (e.organisation_id = ANY (ARRAY(SELECT id FROM organisation WHERE partnership_id = $1::uuid))
                OR e.organisation_id IS NULL AND case_of_partners(e.household_id))
           AND ($4::uuid IS NULL OR e.household_id = $4::uuid)
           AND ($5::uuid IS NULL OR e.account_id = $5::uuid)
           AND ($6::uuid IS NULL OR e.subject_id = $6::uuid)
           AND ($7::text IS NULL OR e.action = $7)
           AND ($3::text IS NULL OR e.id < $3::bigint)
         ORDER BY e.id DESC LIMIT $2::integer) e
  LEFT JOIN account a ON a.id = e.account_id
 ORDER BY e.id DESC

-- name: audit_trail_of_household
-- For the organisation whose household it is (audit_trail_owned, asked before): who looked, searched or changed, of whatever organisation.
SELECT e.id, utc(e.at) AS at, e.account_id, a.display_name AS account, e.organisation_id, o.name AS organisation, e.action,
       e.subject_kind, e.subject_id, to_json(e.changed) AS changed, e.id::text AS _cursor
  FROM (SELECT e.id, e.at, e.account_id, e.organisation_id, e.action, e.subject_kind, e.subject_id,
               CASE WHEN e.action = 'update' THEN ARRAY(SELECT jsonb_object_keys(e.detail) ORDER BY 1) ELSE '{}' END AS changed
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
