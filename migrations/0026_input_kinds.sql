-- What people type, compared as people mean it.

-- ---- references ----

-- A case reference has one form, which the service brings what is typed into (json/input.h, CASE_REFERENCE).
-- A unit's reference is the provider's own words, so it is kept as it was written.
CREATE FUNCTION reference_key(reference text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT upper(regexp_replace(normalize(reference, NFKC),
                                '[[:space:]\u00ad\u200b-\u200f\u2010-\u2015\u2043\u2060\u2212\ufeff-]', '', 'g'))
$$;
COMMENT ON FUNCTION reference_key IS
    'A reference without case, blanks and dashes: two of one key are one. "Flat 1", "FLAT-1" and "flat1" are.';
GRANT EXECUTE ON FUNCTION reference_key TO haven_app;

-- Where two units of a property differ by no more, this stops: rename one of them, and migrate again.
ALTER TABLE unit DROP CONSTRAINT unit_property_id_reference_key;
CREATE UNIQUE INDEX unit_reference_once ON unit (property_id, reference_key(reference));

-- ---- sex ----

ALTER DOMAIN sex DROP CONSTRAINT sex_check;
ALTER DOMAIN sex ADD CONSTRAINT sex_check CHECK (VALUE IN ('female', 'male', 'intersex', 'indeterminate', 'not_asked',
    'not_known', 'prefers_not_to_say'));
COMMENT ON DOMAIN sex IS
    'Sex of a member: indeterminate of a newborn; the last three are ways of not having said, and NULL that nothing '
    'was recorded. A rule that needs to know it asks about all but female and male.';
