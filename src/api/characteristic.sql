-- Protected characteristics of a household's members: joined to nothing else.

-- name: characteristic_list
-- $2 one member, or NULL for all.
SELECT m.id, m.household_id, m.kind, coalesce(k.ethnic_group, 'not_asked') AS ethnic_group,
       coalesce(k.religion, 'not_asked') AS religion, coalesce(k.sexual_orientation, 'not_asked') AS sexual_orientation,
       coalesce(k.gender_registered, 'not_asked') AS gender_registered,
       coalesce(k.disability, 'not_asked') AS disability,
       coalesce(k.partnership_status, 'not_asked') AS partnership_status,
       coalesce(k.version, 0) AS version
  FROM household h JOIN member m ON m.household_id = h.id AND m.ended_at IS NULL
  LEFT JOIN member_characteristic k ON k.id = m.id
 WHERE h.id = (SELECT seen_case($1::uuid)) AND h.organisation_id = ANY ((SELECT my_partners())::uuid[])
   AND ($2::uuid IS NULL OR m.id = $2::uuid)
 ORDER BY m.kind <> 'main', m.kind, m.id

-- name: characteristic_change
-- $2 the member, $3 the version read (0: none was recorded), $4 the patch.
INSERT INTO member_characteristic AS k (id, household_id, ethnic_group, religion, sexual_orientation, gender_registered,
                                        disability, partnership_status, version)
SELECT m.id, m.household_id, coalesce(n.ethnic_group, 'not_asked'),
       coalesce(n.religion, 'not_asked'), coalesce(n.sexual_orientation, 'not_asked'),
       coalesce(n.gender_registered, 'not_asked'), coalesce(n.disability, 'not_asked'),
       coalesce(n.partnership_status, 'not_asked'), coalesce(b.version, 0) + 1
  FROM household h JOIN member m ON m.household_id = h.id AND m.ended_at IS NULL
  LEFT JOIN member_characteristic b ON b.id = m.id
 CROSS JOIN LATERAL jsonb_populate_record(b, $4::jsonb) n
 WHERE h.id = (SELECT seen_case($1::uuid)) AND h.organisation_id = ANY ((SELECT my_partners())::uuid[])
   AND m.id = $2::uuid AND $3::integer IN (coalesce(b.version, 0), -1)
    ON CONFLICT (id) DO UPDATE
   SET (ethnic_group, religion, sexual_orientation, gender_registered, disability, partnership_status, version)
     = (excluded.ethnic_group, excluded.religion, excluded.sexual_orientation, excluded.gender_registered,
        excluded.disability, excluded.partnership_status,
        excluded.version)
 WHERE k.version = excluded.version - 1
