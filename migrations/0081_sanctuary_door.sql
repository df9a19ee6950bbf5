-- The door of every act on a job (0080_sanctuary.sql says what it reads).

CREATE TYPE sanctuary.told AS (outcome sanctuary_outcome, field text, rule text, money fund_outcome,
    left_pence bigint, most_pence bigint, so_far_pence bigint, id uuid);
COMMENT ON TYPE sanctuary.told IS
    'What became of an act: a refusal with the field that it is about and the rule that it breaks; of a refusal by the '
    'fund its outcome and figures; the id of what was made.';

CREATE FUNCTION sanctuary.refusal(why sanctuary_outcome, field text DEFAULT NULL, rule text DEFAULT NULL)
RETURNS sanctuary.told LANGUAGE sql IMMUTABLE AS
$$ SELECT ROW(why, field, rule, NULL, NULL, NULL, NULL, NULL)::sanctuary.told $$;
COMMENT ON FUNCTION sanctuary.refusal IS 'A refusal, with its field as a JSON pointer.';

-- The people who work on the case; finance for the pot that it keeps. The works orders add the contractor's people.
CREATE FUNCTION sanctuary.on_job(j sanctuary.job) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN sees_cases() THEN works_on(j.household_id) AND case_of_partners(j.household_id)
                WHEN audit.me('role') = 'finance_approver'
                THEN j.keeper_id IS NOT DISTINCT FROM my_organisation() AND fund.shown(j.household_id)
                ELSE false END
$$;
COMMENT ON FUNCTION sanctuary.on_job IS 'Whether a job is the caller''s to act on, whatever the act.';

CREATE FUNCTION sanctuary.variant(j sanctuary.job, asked sanctuary_act, item jsonb) RETURNS text
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN CASE
        WHEN asked = 'assess_risk' AND j.state <> 'eligible' THEN 'reassess_risk'
        WHEN asked = 'no_consent_needed' AND j.surveyed_at IS NOT NULL THEN 'no_consent_needed_surveyed'
        WHEN asked = 'survey' AND j.state <> 'consent_granted' THEN 'survey_early'
        ELSE asked END;
END $$;
COMMENT ON FUNCTION sanctuary.variant IS 'What an act is in this state of a job (sanctuary.act_rule.asked_as).';

CREATE FUNCTION sanctuary.state_before(j sanctuary.job) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT s.was FROM sanctuary.step s
     WHERE s.job_id = j.id AND s.becomes = j.state AND s.was <> s.becomes AND s.act <> 'confirm_correction'
     ORDER BY s.n DESC LIMIT 1
$$;
COMMENT ON FUNCTION sanctuary.state_before IS
    'The state from which a job came to the present one; NULL: it began here.';

CREATE FUNCTION sanctuary.claim(one uuid, seen integer, act sanctuary_act, OUT outcome sanctuary_outcome,
                                OUT it sanctuary.job) LANGUAGE plpgsql AS $$
DECLARE
    home uuid := (SELECT j.household_id FROM sanctuary.job j WHERE j.id = one);
BEGIN
    PERFORM fund.lock_homes(home);
    PERFORM set_config('haven.denied', '', true), set_config('haven.opened', '', true);
    SELECT * INTO it FROM sanctuary.job j WHERE j.id = one FOR NO KEY UPDATE;
    outcome := CASE
        WHEN it.id IS NULL OR audit.caller() IS NULL THEN 'none'
        WHEN NOT coalesce(sanctuary.on_job(it), false)
             THEN CASE WHEN sees_cases() AND case_seen(home) THEN 'read_only' ELSE 'none' END
        WHEN NOT EXISTS (SELECT FROM sanctuary.act_rule r
                          WHERE r.asked_as = claim.act AND audit.me('role') = ANY (r.roles)) THEN 'not_yours'
        WHEN seen NOT IN (it.version, -1) THEN 'changed' END;
END $$;
COMMENT ON FUNCTION sanctuary.claim IS
    'Locks case and job for an act, in this order; the outcome is NULL where the caller may go on. In a case that is '
    'hidden from the caller there is no such job.';

CREATE FUNCTION sanctuary.run(part text, codes text[], j sanctuary.job, item jsonb) RETURNS sanctuary.told
LANGUAGE plpgsql AS $$
DECLARE
    code text;
    told sanctuary.told;
    made uuid;
BEGIN
    FOREACH code IN ARRAY codes LOOP
        EXECUTE format('SELECT (t).* FROM sanctuary.%I($1, $2) t', part || code) INTO told USING j, item;
        EXIT WHEN told.outcome IS NOT NULL;
        made := coalesce(told.id, made);
    END LOOP;
    told.id := coalesce(told.id, made);
    RETURN told;
END $$;
COMMENT ON FUNCTION sanctuary.run IS
    'Runs the functions of these codes one after the other until one refuses; part is need_ or do_.';

CREATE FUNCTION sanctuary.note(j sanctuary.job, act sanctuary_act, becomes sanctuary_state, item jsonb) RETURNS void
LANGUAGE sql AS $$
    WITH moved AS (
        UPDATE sanctuary.job o
           SET state = note.becomes, version = o.version + 1,
               state_since = CASE WHEN o.state = note.becomes THEN o.state_since ELSE now() END,
               ended_at = CASE WHEN note.becomes IN ('closed', 'withdrawn') THEN coalesce(o.ended_at, now()) END
         WHERE o.id = j.id AND o.state = j.state AND o.version = j.version
     RETURNING o.id, o.household_id, o.version)
    INSERT INTO sanctuary.step (job_id, household_id, n, act, was, becomes, account_id, organisation_id, role, said)
    SELECT m.id, m.household_id, m.version, note.act, j.state, note.becomes, audit.me('account')::uuid,
           my_organisation(), audit.me('role'), coalesce(item, '{}')
      FROM moved m
$$;
COMMENT ON FUNCTION sanctuary.note IS
    'The change of state, with its version and its row of the timeline, in one statement: of a job that is as it was.';

CREATE FUNCTION sanctuary.act(one uuid, seen integer, asked sanctuary_act, item jsonb) RETURNS sanctuary.told
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
DECLARE
    me uuid := audit.caller();
    claimed record := sanctuary.claim(one, seen, asked);
    it sanctuary.job := claimed.it;
    rule sanctuary.act_rule;
    move sanctuary.move;
    told sanctuary.told;
BEGIN
    told.outcome := claimed.outcome;
    IF told.outcome IS NOT NULL THEN
        RETURN told;
    END IF;
    SELECT * INTO rule FROM sanctuary.act_rule r WHERE r.act = sanctuary.variant(it, asked, item);
    SELECT * INTO move FROM sanctuary.move m WHERE m.state = it.state AND m.act = rule.act;
    IF move.act IS NULL OR audit.me('role') <> ALL (rule.roles) THEN
        RETURN sanctuary.refusal(CASE WHEN move.act IS NULL THEN 'wrong_state' ELSE 'not_yours' END);
    END IF;
    BEGIN
        told := sanctuary.run('need_', rule.needs, it, item);
        IF told.outcome IS NULL THEN
            move.becomes := coalesce(move.becomes, sanctuary.state_before(it));
            told := sanctuary.run('do_', rule.does, it, item);
        END IF;
        IF told.outcome IS NOT NULL THEN
            RAISE EXCEPTION 'refused' USING ERRCODE = 'HV422';
        END IF;
        PERFORM sanctuary.note(it, rule.act, move.becomes, item);
    EXCEPTION WHEN SQLSTATE 'HV422' THEN
        RETURN told;
    END;
    told.outcome := 'done';
    told.id := coalesce(told.id, it.id);
    RETURN told;
END $$;
COMMENT ON FUNCTION sanctuary.act IS
    'Does an act on a job as the caller saw it: the only door. A refusal has changed nothing.';
GRANT EXECUTE ON FUNCTION sanctuary.act TO haven_app;
