-- Everyone sees that an organisation is a partner. Its duty telephones are for callers who place, for its own
-- people, and for administrators.

-- name: organisation_list
SELECT o.id, o.kind, o.name, CASE WHEN may_place() OR administers() OR o.id = my_organisation()
                                  THEN duty_telephone(o) END AS duty_telephone,
       o.version, utc(o.created_at) AS created_at, o.created_at::text || '|' || o.id AS _cursor
  FROM organisation o
 WHERE o.id = ANY ((SELECT my_partners())::uuid[]) AND ($1::text IS NULL OR o.kind = $1)
   AND ($3::text IS NULL OR (o.created_at, o.id) < (split_part($3, '|', 1)::timestamptz, split_part($3, '|', 2)::uuid))
 ORDER BY o.created_at DESC, o.id DESC LIMIT $2::integer

-- name: organisation_show
SELECT o.id, o.kind, o.name, CASE WHEN may_place() OR administers() OR o.id = my_organisation()
                                  THEN duty_telephone(o) END AS duty_telephone,
       administers() OR o.id = my_organisation() AND is_provider() AS may_change, o.version,
       utc(o.created_at) AS created_at
  FROM organisation o WHERE o.id = $1::uuid
      AND o.partnership_id = (SELECT m.partnership_id FROM organisation m WHERE m.id = my_organisation())

-- name: organisation_create
INSERT INTO organisation (id, partnership_id, kind, name)
SELECT $1::uuid, m.partnership_id, $2, $3 FROM organisation m WHERE m.id = my_organisation()

-- name: organisation_change
UPDATE organisation o
   SET name = (SELECT r.name FROM jsonb_populate_record(o, $3::jsonb) r), version = o.version + 1
 WHERE o.id = $1::uuid AND o.id = ANY ((SELECT my_partners())::uuid[]) AND $2::integer IN (o.version, -1)

-- name: organisation_set_duty
-- $1 organisation, $2 day, $3 night, $4 day begins, $5 day ends
UPDATE organisation o
   SET day_phone = $2, night_phone = $3, day_begins = $4, day_ends = $5, version = o.version + 1
 WHERE o.id = $1::uuid AND o.id = ANY ((SELECT my_partners())::uuid[])
   AND (administers() OR o.id = my_organisation() AND is_provider())
