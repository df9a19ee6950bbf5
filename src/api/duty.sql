-- name: duty_telephones
-- Of the partnership's providers, those that have one: for callers who place.
SELECT o.id AS organisation_id, duty_telephone(o)::text AS duty_telephone FROM organisation o
 WHERE o.id = ANY ((SELECT my_partners())::uuid[]) AND o.kind = 'provider' AND may_place()
   AND (o.day_phone IS NOT NULL OR o.night_phone IS NOT NULL)
