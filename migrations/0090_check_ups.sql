-- Whether people are safe and well after they left a place or never came to it: the case's owner is asked by tasks,
-- and what they find is a row. A return to the perpetrator is the owner's task at once.

SELECT add_codes('task_kind', '{returned,welfare_check,safe_and_well_7,safe_and_well_28,not_safe}');

CREATE DOMAIN check_result AS text CHECK (VALUE IN ('safe_and_well', 'not_safe', 'not_reached'));
COMMENT ON DOMAIN check_result IS 'What a check on people after a stay found.';

CREATE DOMAIN check_up_outcome AS text CHECK (VALUE IN ('done', 'none', 'changed', 'over', 'before'));
COMMENT ON DOMAIN check_up_outcome IS 'What became of recording a check.';

ALTER TABLE task ADD COLUMN placement_id uuid REFERENCES placement;
COMMENT ON COLUMN task.placement_id IS 'The stay after which people are checked on.';

CREATE TABLE check_up (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    household_id uuid NOT NULL REFERENCES household,
    placement_id uuid NOT NULL REFERENCES placement,
    kind task_kind NOT NULL,
    result check_result NOT NULL,
    checked_on date NOT NULL,
    checked_by uuid NOT NULL REFERENCES account,
    created_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE check_up IS 'Checks whether people are safe and well after a stay, also those that reached nobody.';
COMMENT ON COLUMN check_up.id IS 'Identity.';
COMMENT ON COLUMN check_up.household_id IS 'The household.';
COMMENT ON COLUMN check_up.placement_id IS 'The stay that ended, or did not begin.';
COMMENT ON COLUMN check_up.kind IS 'The task that asked for it.';
COMMENT ON COLUMN check_up.result IS 'What was found.';
COMMENT ON COLUMN check_up.checked_on IS 'The day of the check.';
COMMENT ON COLUMN check_up.checked_by IS 'The person who recorded it.';
COMMENT ON COLUMN check_up.created_at IS 'When it was recorded.';
CREATE INDEX check_up_of ON check_up (placement_id, kind, checked_on);
CREATE INDEX check_up_household ON check_up (household_id);
SELECT guard('check_up', 'case', erase => 'kept');

CREATE FUNCTION put_check(stay placement, of_kind task_kind, by_day date) RETURNS void LANGUAGE sql AS $$
    INSERT INTO task (household_id, organisation_id, kind, due_on, placement_id)
    SELECT h.id, h.organisation_id, of_kind, by_day, stay.id FROM household h WHERE h.id = stay.household_id
    ON CONFLICT (household_id, kind) WHERE ended_at IS NULL
    DO UPDATE SET due_on = excluded.due_on, placement_id = excluded.placement_id, version = task.version + 1
$$;
COMMENT ON FUNCTION put_check IS 'Asks the owner of a case to check on its people; a later stay takes the task over.';

CREATE FUNCTION stay_over() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
BEGIN
    IF NEW.destination = 'returned_to_perpetrator' OR NEW.non_arrival_reason = 'returned' THEN
        PERFORM put_check(NEW, 'returned', today());
    END IF;
    IF NEW.state = 'not_arrived' THEN
        PERFORM put_check(NEW, 'welfare_check', today());
    ELSIF NEW.departure_reason <> 'transfer' THEN
        PERFORM put_check(NEW, 'safe_and_well_7', NEW.departed_on + 7);
        PERFORM put_check(NEW, 'safe_and_well_28', NEW.departed_on + 28);
    END IF;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION stay_over IS
    'Seven and 28 days after a departure, and at once after a non-arrival or a return to the perpetrator, the owner of '
    'the case is to check on them. Who moves on within one stay has not left.';
CREATE TRIGGER stay_over AFTER UPDATE ON placement FOR EACH ROW
    WHEN (NEW.state IN ('departed', 'not_arrived') AND OLD.state IS DISTINCT FROM NEW.state)
    EXECUTE FUNCTION stay_over();

CREATE FUNCTION put_result(it task, what check_result, on_day date, me uuid) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO check_up (household_id, placement_id, kind, result, checked_on, checked_by)
    VALUES (it.household_id, it.placement_id, it.kind, what, on_day, me);
    UPDATE task
       SET ended_as = CASE WHEN what <> 'not_reached' THEN 'done' END,
           ended_at = CASE WHEN what <> 'not_reached' THEN now() END,
           ended_by = CASE WHEN what <> 'not_reached' THEN me END, version = version + 1
     WHERE id = it.id;
    IF what = 'not_safe' THEN
        PERFORM put_check(p, 'not_safe', today()) FROM placement p WHERE p.id = it.placement_id;
    END IF;
END $$;
COMMENT ON FUNCTION put_result IS
    'Records a check. The task stays open until somebody was reached; to help people who are not safe is a task of '
    'today, also where the case is closed.';

CREATE FUNCTION record_check(one uuid, seen integer, what check_result, on_day date) RETURNS check_up_outcome
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
DECLARE
    me uuid := audit.caller();
    it task;
BEGIN
    SELECT * INTO it FROM task t WHERE t.id = one AND case_seen(t.household_id) AND works_on(t.household_id)
       FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN 'none';
    ELSIF it.ended_at IS NOT NULL OR it.placement_id IS NULL THEN
        RETURN 'over';
    ELSIF seen NOT IN (it.version, -1) THEN
        RETURN 'changed';
    ELSIF on_day < (SELECT coalesce(p.departed_on, lower(p.period)) FROM placement p WHERE p.id = it.placement_id) THEN
        RETURN 'before';
    END IF;
    PERFORM put_result(it, what, on_day, me);
    IF what <> 'not_reached' THEN
        UPDATE placement SET safe_and_well = what = 'safe_and_well', version = version + 1 WHERE id = it.placement_id;
    END IF;
    RETURN 'done';
END $$;
COMMENT ON FUNCTION record_check IS 'Records what a check that a task asked for has found.';
GRANT EXECUTE ON FUNCTION record_check TO haven_app;

CREATE FUNCTION checked_there(stay uuid, well boolean) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
DECLARE
    me uuid := audit.caller();
    it task;
BEGIN
    SELECT t.* INTO it FROM task t JOIN placement p ON p.id = t.placement_id
     WHERE t.placement_id = stay AND t.kind IN ('welfare_check', 'safe_and_well_7', 'safe_and_well_28')
       AND t.due_on <= today() AND t.ended_at IS NULL
       AND (p.organisation_id = my_organisation() AND audit.me('role') = 'provider' OR works_on(p.household_id))
     ORDER BY t.due_on LIMIT 1 FOR NO KEY UPDATE OF t;
    IF FOUND THEN
        PERFORM put_result(it, CASE WHEN well THEN 'safe_and_well' ELSE 'not_safe' END, today(), me);
    END IF;
END $$;
COMMENT ON FUNCTION checked_there IS
    'A check that the provider recorded is the one that the owner is asked for, if one is due.';
GRANT EXECUTE ON FUNCTION checked_there TO haven_app;
