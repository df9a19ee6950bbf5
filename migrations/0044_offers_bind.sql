-- What is said after a hold binds the offer and the acceptance: a household does not come to a place that became
-- unsafe for it. That no place is unsafe is not said beside one that is.

CREATE FUNCTION still_suitable(placement uuid) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
BEGIN
    RETURN (SELECT safety_refusal(p.household_id, p.unit_id, greatest(lower(p.period), today()))
                   IS DISTINCT FROM 'not_suitable'
              FROM placement p
             WHERE p.id = still_suitable.placement
               AND (p.organisation_id = audit.me('organisation')::uuid OR works_on(p.household_id)));
END $$;
COMMENT ON FUNCTION still_suitable IS
    'Whether unsafe places and conflicts leave a placement standing, as they are known now; NULL where the caller '
    'neither works on the case nor is of the provider.';
GRANT EXECUTE ON FUNCTION still_suitable TO haven_app;

CREATE FUNCTION none_is_unsafe() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM unsafe_place u WHERE u.household_id = NEW.id AND u.ended_at IS NULL) THEN
        RAISE EXCEPTION 'an unsafe place is listed' USING ERRCODE = 'check_violation',
            CONSTRAINT = 'household_unsafe_none', TABLE = 'household';
    END IF;
    RETURN NEW;
END $$;
COMMENT ON FUNCTION none_is_unsafe IS 'Nobody says that there is no unsafe place while one is listed.';
CREATE TRIGGER unsafe_none BEFORE UPDATE OF unsafe_none_said_by ON household FOR EACH ROW
    WHEN (NEW.unsafe_none_said_by IS NOT NULL AND NEW.unsafe_none_said_by IS DISTINCT FROM OLD.unsafe_none_said_by)
    EXECUTE FUNCTION none_is_unsafe();
