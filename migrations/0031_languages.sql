-- More languages than unit.facts has bits for: the board reads the column.

COMMENT ON COLUMN unit.languages IS 'Codes of the list language that staff speak.';
COMMENT ON COLUMN household.languages IS 'Codes of the list language.';
ALTER TABLE household ADD COLUMN other_language text;
COMMENT ON COLUMN household.other_language IS 'The language in words, where languages has other.';
SELECT guard_again('household', '{other_language}');
GRANT UPDATE (other_language) ON household TO haven_app;

CREATE OR REPLACE VIEW board_vacancy WITH (security_invoker = true) AS
SELECT v.id, v.version, v.unit_id, u.property_id, u.reference, u.facts, free_from(u.id, v.available_from) AS free_from,
       v.available_until, v.confirmed_at, (SELECT max(pl.expires_at) FROM placement pl
         WHERE pl.unit_id = u.id AND pl.state IN ('held', 'offered') AND pl.expires_at > now()) AS busy_until,
       taken_nights(u.id) AS taken, u.languages::text AS languages
  FROM vacancy v
  JOIN unit u ON u.id = v.unit_id
  JOIN property p ON p.id = u.property_id
 WHERE v.withdrawn_at IS NULL AND v.taken_at IS NULL AND u.closed_at IS NULL AND p.closed_at IS NULL;
COMMENT ON COLUMN board_vacancy.languages IS 'Codes of the languages that staff speak.';
