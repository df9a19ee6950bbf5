-- A place that is still unsafe is confirmed: the day on which it was last checked moves, and nothing else. That is no
-- edit of an area: a caller who confirms six of them in a night learns nothing by it, and raises no alert.

ALTER TABLE unsafe_place ADD COLUMN recorded_at timestamptz;
ALTER TABLE unsafe_place ALTER COLUMN recorded_at SET DEFAULT now();
COMMENT ON COLUMN unsafe_place.recorded_at IS 'When it was first recorded; NULL where that was before it was kept.';

CREATE FUNCTION watch_changed_places() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
DECLARE
    me uuid := audit.me('account')::uuid;
BEGIN
    PERFORM count_probe(me, e.id, 'area_probing', e.fresh)
       FROM (SELECT DISTINCT h.id, h.created_at = now() AS fresh
               FROM (SELECT household_id, to_jsonb(a) - 'checked_on' FROM changed a
                     EXCEPT SELECT household_id, to_jsonb(b) - 'checked_on' FROM before b) c
               JOIN household h ON h.id = c.household_id
              WHERE me IS NOT NULL) e;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION watch_changed_places IS
    'As watch_edits(), of unsafe places that changed: one that was only checked again did not.';
DROP TRIGGER unsafe_place_ended ON unsafe_place;
CREATE TRIGGER unsafe_place_ended AFTER UPDATE ON unsafe_place REFERENCING OLD TABLE AS before NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION watch_changed_places();
