-- That no place is unsafe is an answer of its own, with who said so. Not having asked is none.

CREATE DOMAIN informant AS text CHECK (VALUE IN ('applicant', 'member', 'referrer', 'police', 'record'));
COMMENT ON DOMAIN informant IS 'Who said it.';

ALTER TABLE household ADD COLUMN unsafe_none_said_by informant;
COMMENT ON COLUMN household.unsafe_none_said_by IS
    'Who said that there is no unsafe place; NULL where none said so, or where one is listed.';
GRANT INSERT (unsafe_none_said_by), UPDATE (unsafe_none_said_by) ON household TO haven_app;

CREATE FUNCTION unsafe_place_is_said() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    UPDATE household SET unsafe_none_said_by = NULL
     WHERE id = NEW.household_id AND unsafe_none_said_by IS NOT NULL;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION unsafe_place_is_said IS 'Anyone who names an unsafe place takes back that there is none.';
CREATE TRIGGER unsafe_place_said AFTER INSERT ON unsafe_place FOR EACH ROW EXECUTE FUNCTION unsafe_place_is_said();
