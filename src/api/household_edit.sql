-- The pages on which what a household said is changed.

-- name: household_edit
-- $1 the household: what the page needs beside it. A first night that is over says nothing any more.
SELECT h.id, newest_referral(h.id) AS referral_id, works_on(h.id) AS works_on, h.closed_at IS NULL AS open,
       h.want_from < today() AS begun
  FROM household h
 WHERE h.id = (SELECT seen_case($1::uuid)) AND h.organisation_id = ANY ((SELECT my_partners())::uuid[])

-- name: member_page
-- One member, and the others of the household, whom it may belong to. A couple with the applicant is a partner.
SELECT m.id, m.household_id, h.reference, m.kind, m.sex, m.gender_identity,
       m.age + extract(year FROM age(today(), m.age_on))::integer AS age, m.relationship, m.child_of,
       coalesce(m.partner_of, (SELECT a.id FROM member a
                                WHERE m.couple AND a.household_id = m.household_id AND a.kind = 'main'
                                  AND a.ended_at IS NULL)) AS partner_of,
       (SELECT coalesce(json_agg(json_build_object('id', o.id, 'kind', o.kind, 'sex', o.sex,
                    'age', o.age + extract(year FROM age(today(), o.age_on))::integer)
                                 ORDER BY o.kind <> 'main', o.kind, o.id), '[]')
          FROM member o WHERE o.household_id = m.household_id AND o.ended_at IS NULL AND o.id <> m.id) AS others,
       works_on(h.id) AS works_on, h.closed_at IS NULL AS open, h.version
  FROM member m JOIN household h ON h.id = m.household_id
 WHERE m.id = $1::uuid AND m.ended_at IS NULL AND h.id = (SELECT seen_case(m.household_id))
   AND h.organisation_id = ANY ((SELECT my_partners())::uuid[])

-- name: member_new_page
SELECT h.id AS household_id, h.reference,
       (SELECT coalesce(json_agg(json_build_object('id', o.id, 'kind', o.kind, 'sex', o.sex,
                    'age', o.age + extract(year FROM age(today(), o.age_on))::integer)
                                 ORDER BY o.kind <> 'main', o.kind, o.id), '[]')
          FROM member o WHERE o.household_id = h.id AND o.ended_at IS NULL) AS others,
       works_on(h.id) AS works_on, h.closed_at IS NULL AS open, h.version
  FROM household h
 WHERE h.id = (SELECT seen_case($1::uuid)) AND h.organisation_id = ANY ((SELECT my_partners())::uuid[])

-- name: member_pair
-- On a page a partner is said once, of either: both name each other then, and who was named before does so no more.
UPDATE member p SET partner_of = CASE WHEN p.id = $2::uuid THEN $1::uuid END
 WHERE p.household_id = (SELECT m.household_id FROM member m WHERE m.id = $1::uuid) AND p.ended_at IS NULL
   AND (p.id = $2::uuid AND p.partner_of IS DISTINCT FROM $1::uuid
        OR p.partner_of = $1::uuid AND p.id IS DISTINCT FROM $2::uuid)
