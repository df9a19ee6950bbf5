-- name: property_list
-- $1 type, $2 local authority, $3 rows, $4 cursor
SELECT v.*, p.created_at::text || '|' || p.id AS _cursor
  FROM (SELECT p.id, p.created_at FROM property p
         WHERE p.organisation_id = ANY ((SELECT my_supply())::uuid[])
           AND ($1::text IS NULL OR p.type = $1) AND ($2::text IS NULL OR p.local_authority = $2)
           AND ($4::text IS NULL OR (p.created_at, p.id)
                < (split_part($4, '|', 1)::timestamptz, split_part($4, '|', 2)::uuid))
         ORDER BY p.created_at DESC, p.id DESC LIMIT $3::integer) p
  JOIN property_view v ON v.id = p.id
 ORDER BY p.created_at DESC, p.id DESC

-- name: property_show
SELECT * FROM property_view WHERE id = $1::uuid AND organisation_id = ANY ((SELECT my_supply())::uuid[])

-- name: property_create
-- $1 id, $2 organisation, $3 body, $4 outward code, $5 sector or NULL
INSERT INTO property (id, organisation_id, type, public_name, area_label, local_authority, outward_code, sector,
                      residents, staffing, shared_access, turnaround_days, features)
SELECT $1::uuid, $2::uuid, r.type, r.public_name, r.area_label, r.local_authority, $4, $5,
       r.residents, r.staffing, r.shared_access, r.turnaround_days, r.features
  FROM jsonb_populate_record(NULL::property, $3::jsonb) r

-- name: property_change
-- $1 id, $2 organisation, $3 version, $4 body, $5 outward code or NULL, $6 sector or NULL. The
-- sector of another district goes.
UPDATE property p
   SET (type, public_name, area_label, local_authority, residents, staffing, shared_access, turnaround_days, features)
       = (SELECT r.type, r.public_name, r.area_label, r.local_authority, r.residents, r.staffing, r.shared_access,
                 r.turnaround_days, r.features
            FROM jsonb_populate_record(p, $4::jsonb) r),
       outward_code = coalesce($5, p.outward_code),
       sector = CASE WHEN $6::text IS NOT NULL THEN $6 WHEN coalesce($5, p.outward_code) = p.outward_code
           THEN p.sector END,
       version = p.version + 1
 WHERE p.id = $1::uuid AND p.organisation_id = $2::uuid AND $3::integer IN (p.version, -1)

-- name: property_key
SELECT 'property' AS subject_kind, p.id AS subject, coalesce(k.organisation_id, p.organisation_id) AS organisation,
       encode(k.wrapped, 'hex') AS wrapped, k.destroyed
  FROM property p LEFT JOIN LATERAL vault.key_of('property', p.id) k ON true
 WHERE p.id = $1::uuid AND p.organisation_id = $2::uuid

-- name: property_put_address
-- $1 [{id, sealed}] of one property.
SELECT vault.put_address(p.id, decode(a.sealed, 'hex')) AS _done
  FROM jsonb_to_recordset($1::jsonb) AS a (id uuid, sealed text)
  JOIN property p ON p.id = a.id AND p.organisation_id = $2::uuid

-- name: property_lock
-- Against a unit being added while the property is given up.
SELECT id FROM property WHERE id = $1::uuid AND organisation_id = $2::uuid FOR NO KEY UPDATE

-- name: property_close
UPDATE property SET closed_at = now(), version = version + 1
 WHERE id = $1::uuid AND organisation_id = $2::uuid AND closed_at IS NULL
   AND NOT EXISTS (SELECT FROM unit WHERE property_id = $1::uuid AND closed_at IS NULL)
