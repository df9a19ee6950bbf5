-- Where a household is not safe.

-- name: unsafe_case
-- The page of them. What was recorded before the moment was kept has none.
SELECT h.id, h.reference, h.unsafe_none_said_by, h.closed_at IS NULL AS open, works_on(h.id) AS works_on,
       newest_referral(h.id) AS referral_id,
       (SELECT coalesce(json_agg(json_build_object('id', s.id, 'kind', s.kind, 'outward_code', s.outward_code,
                    'sector', s.sector, 'circle', CASE WHEN s.radius_cells IS NOT NULL THEN
                        json_build_object('easting', s.cell_east * 2000, 'northing', s.cell_north * 2000,
                                          'radius_m', s.radius_cells * 2000) END,
                    'recorded_at', utc(s.recorded_at), 'checked_on', s.checked_on)
                                 ORDER BY s.checked_on, s.kind, s.outward_code, s.sector, s.id), '[]')
          FROM unsafe_place s WHERE s.household_id = h.id AND s.ended_at IS NULL) AS items,
       h.version
  FROM household h
 WHERE h.id = (SELECT seen_case($1::uuid)) AND h.organisation_id = ANY ((SELECT my_partners())::uuid[])

-- name: unsafe_household
SELECT s.household_id
  FROM unsafe_place s JOIN household h ON h.id = s.household_id
 WHERE s.id = $1::uuid AND s.ended_at IS NULL
   AND h.organisation_id = ANY ((SELECT my_partners())::uuid[])

-- name: unsafe_confirm
UPDATE unsafe_place SET checked_on = $2::date WHERE id = $1::uuid AND ended_at IS NULL

-- name: unsafe_end
UPDATE unsafe_place SET ended_at = now() WHERE id = $1::uuid AND ended_at IS NULL
