-- name: organisation_list
SELECT o.id, o.kind, o.name, o.version, utc(o.created_at) AS created_at,
       o.created_at::text || '|' || o.id AS _cursor
  FROM organisation o
 WHERE o.partnership_id = $1::uuid AND ($2::text IS NULL OR o.kind = $2)
   AND ($4::text IS NULL OR (o.created_at, o.id) < (split_part($4, '|', 1)::timestamptz, split_part($4, '|', 2)::uuid))
 ORDER BY o.created_at DESC, o.id DESC LIMIT $3::integer

-- name: organisation_show
SELECT id, kind, name, version, utc(created_at) AS created_at
  FROM organisation WHERE id = $1::uuid AND partnership_id = $2::uuid

-- name: organisation_create
INSERT INTO organisation (id, partnership_id, kind, name) VALUES ($1::uuid, $2::uuid, $3, $4)

-- name: organisation_change
UPDATE organisation o
   SET name = (SELECT r.name FROM jsonb_populate_record(o, $4::jsonb) r), version = o.version + 1
 WHERE o.id = $1::uuid AND o.partnership_id = $2::uuid AND o.version = $3::integer
