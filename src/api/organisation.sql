-- name: organisation_list
SELECT o.id, o.kind, o.name, o.version, utc(o.created_at) AS created_at,
       o.created_at::text || '|' || o.id AS _cursor
  FROM organisation o
 WHERE o.id = ANY ((SELECT my_partners())::uuid[]) AND ($1::text IS NULL OR o.kind = $1)
   AND ($3::text IS NULL OR (o.created_at, o.id) < (split_part($3, '|', 1)::timestamptz, split_part($3, '|', 2)::uuid))
 ORDER BY o.created_at DESC, o.id DESC LIMIT $2::integer

-- name: organisation_show
SELECT id, kind, name, version, utc(created_at) AS created_at
  FROM organisation WHERE id = $1::uuid
      AND partnership_id = (SELECT m.partnership_id FROM organisation m WHERE m.id = my_organisation())

-- name: organisation_create
INSERT INTO organisation (id, partnership_id, kind, name)
SELECT $1::uuid, m.partnership_id, $2, $3 FROM organisation m WHERE m.id = my_organisation()

-- name: organisation_change
UPDATE organisation o
   SET name = (SELECT r.name FROM jsonb_populate_record(o, $3::jsonb) r), version = o.version + 1
 WHERE o.id = $1::uuid AND o.id = ANY ((SELECT my_partners())::uuid[]) AND $2::integer IN (o.version, -1)
