-- name: audit_trail_list
-- plan: custom
-- What the partnership's people did, and what was done with its households. It has the names of changed
-- columns, never their values: a reader of the trail must not read cases in it. An event without an
-- organisation is in the trail of the partnership of its case. $6 are the actions wanted: the newest events
-- of each are at the end of an index.
SELECT e.id, utc(e.at) AS at, e.account_id, a.display_name AS account, e.organisation_id, e.request_id, e.action,
       e.subject_kind, e.subject_id, e.household_id, to_json(e.changed) AS changed, e.id::text AS _cursor
  FROM (SELECT e.id, e.at, e.account_id, e.organisation_id, e.request_id, e.action, e.subject_kind, e.subject_id,
               e.household_id,
               CASE WHEN e.action = 'update' THEN ARRAY(SELECT jsonb_object_keys(e.detail) ORDER BY 1)
                   ELSE '{}' END AS changed
          FROM (SELECT e.* FROM unnest(my_partners()) o CROSS JOIN unnest($6::text[]) w
                 CROSS JOIN LATERAL (
                       SELECT * FROM audit.event
                        WHERE num_nonnulls($3::uuid, $4::uuid, $5::uuid) = 0
                          AND coalesce(organisation_id, case_organisation_id) = o
                          AND action = w AND ($2::text IS NULL OR id < $2::bigint)
                        ORDER BY id DESC LIMIT $1::integer) e
                 UNION ALL
                SELECT e.* FROM unnest($6::text[]) w
                 CROSS JOIN LATERAL (
                       SELECT * FROM audit.event
                        WHERE num_nonnulls($3::uuid, $5::uuid) = 0 AND account_id = $4::uuid
                          AND coalesce(organisation_id, case_organisation_id) = ANY ((SELECT my_partners())::uuid[])
                          AND action = w AND ($2::text IS NULL OR id < $2::bigint)
                        ORDER BY id DESC LIMIT $1::integer) e
                 UNION ALL
               (SELECT * FROM audit.event
                 WHERE num_nonnulls($3::uuid, $5::uuid) > 0
                   AND ($3::uuid IS NULL OR household_id = $3::uuid)
                   AND ($4::uuid IS NULL OR account_id = $4::uuid)
                   AND ($5::uuid IS NULL OR subject_id = $5::uuid)
                   AND coalesce(organisation_id, case_organisation_id) = ANY ((SELECT my_partners())::uuid[])
                   AND action = ANY ($6::text[]) AND ($2::text IS NULL OR id < $2::bigint)
                 ORDER BY id DESC LIMIT $1::integer)) e
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
