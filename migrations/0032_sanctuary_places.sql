-- A sanctuary scheme that was recorded as a property is given up: the place is the victim's own home.

ALTER TABLE property DROP CONSTRAINT property_not_sanctuary;
UPDATE unit SET closed_at = now()
 WHERE closed_at IS NULL AND property_id IN (SELECT id FROM property WHERE type = 'sanctuary');
UPDATE property SET closed_at = now() WHERE type = 'sanctuary' AND closed_at IS NULL;
ALTER TABLE property ADD CONSTRAINT property_not_sanctuary CHECK (type <> 'sanctuary' OR closed_at IS NOT NULL);
