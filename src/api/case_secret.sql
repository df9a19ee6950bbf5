-- What is sealed about a case: the register of it. The rule of who may be shown what is secret_open(), and the values
-- leave the vault by vault.tell() alone.

-- name: case_secret_case
-- The page of a case: what is recorded.
SELECT h.id, h.reference, h.closed_at IS NULL AS open, works_on(h.id) AS works_on,
       (SELECT coalesce(json_agg(json_build_object('id', s.id, 'kind', s.kind, 'recorded_at', utc(s.recorded_at),
                    'recorded_by', colleague_name(s.recorded_by), 'ended_at', utc(s.ended_at))
                                 ORDER BY s.ended_at DESC NULLS FIRST, s.kind DESC, s.recorded_at, s.id), '[]')
          FROM case_secret s WHERE s.household_id = h.id) AS secrets, h.version
  FROM household h
 WHERE h.id = (SELECT seen_case($1::uuid)) AND h.organisation_id = ANY ((SELECT my_partners())::uuid[])

-- name: case_secret_show
-- For a provider row security leaves those that it may be shown now. A sanctuary coordinator sees the home's address.
SELECT s.id, s.kind, case_reference(s.household_id) AS household_reference, utc(s.recorded_at) AS recorded_at,
       CASE WHEN may_place() THEN s.household_id END AS household_id,
       (SELECT p.id FROM placement p
         WHERE p.household_id = s.household_id AND p.organisation_id = my_organisation()
         ORDER BY p.held_at DESC, p.id LIMIT 1) AS placement_id,
       (SELECT coalesce(json_agg(json_build_object('at', utc(r.at), 'account', r.account, 'organisation',
                    r.organisation, 'purpose', r.purpose)), '[]') FROM secret_readings(s.id) r) AS readings,
       secret_shown(s.household_id, s.kind) AS _open, s.household_id AS _household,
       CASE WHEN s.kind = 'safe_contact' THEN (SELECT h.interpreter FROM household h WHERE h.id = s.household_id)
       END AS _interpreter
  FROM case_secret s
 WHERE s.id = $1::uuid AND s.ended_at IS NULL
   AND (s.kind = 'home' OR audit.me('role') <> 'sanctuary_coordinator')

-- name: case_secret_household
SELECT s.household_id
  FROM case_secret s JOIN household h ON h.id = s.household_id
 WHERE s.id = $1::uuid AND s.ended_at IS NULL AND h.organisation_id = ANY ((SELECT my_partners())::uuid[])

-- name: case_secret_end
UPDATE case_secret SET ended_at = now() WHERE id = $1::uuid AND ended_at IS NULL

-- name: first_name_key
-- The key of a household, with the main applicant, whose first name it is.
SELECT 'household' AS subject_kind, h.id AS subject, coalesce(k.organisation_id, h.organisation_id) AS organisation,
       encode(k.wrapped, 'hex') AS wrapped, k.destroyed, m.id AS main
  FROM household h JOIN member m ON m.household_id = h.id AND m.kind = 'main' AND m.ended_at IS NULL
  LEFT JOIN LATERAL vault.key_of('household', h.id) k ON true
 WHERE h.id = (SELECT seen_case($1::uuid)) AND h.organisation_id = ANY ((SELECT my_partners())::uuid[])

-- name: household_put_first_name
-- Of the main applicant; where it is sent with another member's name it is not stored.
SELECT vault.put_first_name(m.id, m.household_id, decode(p.sealed, 'hex'))
  FROM jsonb_to_recordset($2::jsonb) AS p (id uuid, sealed text)
  JOIN member m ON m.id = p.id AND m.household_id = $1::uuid AND m.kind = 'main'
