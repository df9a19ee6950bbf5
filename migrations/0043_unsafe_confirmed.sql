-- A place that is still unsafe is confirmed: the day on which it was last checked moves, and nothing else. That is no
-- edit of an area: a caller who confirms six of them in a night learns nothing by it, and raises no alert.

ALTER TABLE unsafe_place ADD COLUMN recorded_at timestamptz;
ALTER TABLE unsafe_place ALTER COLUMN recorded_at SET DEFAULT now();
COMMENT ON COLUMN unsafe_place.recorded_at IS 'When it was first recorded; NULL where that was before it was kept.';

CREATE FUNCTION count_edit(kind text, household uuid, fresh boolean) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
DECLARE
    me uuid := audit.me('account')::uuid;
    n integer;
BEGIN
    INSERT INTO edit_count AS k (account_id, household_id, kind, day, edits)
    VALUES (me, CASE WHEN fresh THEN '00000000-0000-0000-0000-000000000000' ELSE household END, count_edit.kind,
            today(), 1)
    ON CONFLICT ON CONSTRAINT edit_count_pkey DO UPDATE
       SET edits = CASE WHEN k.day = excluded.day THEN k.edits ELSE 0 END + 1, day = excluded.day
    RETURNING k.edits INTO n;
    IF n = (CASE WHEN fresh THEN 20 ELSE 6 END) THEN
        PERFORM raise_alert(count_edit.kind, me, CASE WHEN NOT fresh THEN household END, NULL);
    END IF;
END $$;
COMMENT ON FUNCTION count_edit IS
    'One more edit of a case by the caller. The sixth of a case in a day raises an alert, and so does the twentieth '
    'new case with some.';

CREATE OR REPLACE FUNCTION watch_edits() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
DECLARE
    me uuid := audit.me('account')::uuid;
BEGIN
    PERFORM count_edit(TG_ARGV[0], e.id, e.fresh)
       FROM (SELECT DISTINCT h.id, h.created_at = now() AS fresh FROM changed c
               JOIN household h ON h.id = c.household_id
              WHERE me IS NOT NULL AND coalesce(to_jsonb(c) ->> 'purpose', 'party') = 'party') e;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION watch_edits IS
    'A person who edits areas or parties, and looks which places disappear, learns where a place is: count_edit().';

CREATE FUNCTION watch_changed_places() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
DECLARE
    me uuid := audit.me('account')::uuid;
BEGIN
    PERFORM count_edit('area_probing', e.id, e.fresh)
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
