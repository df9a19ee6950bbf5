-- The board reads a job's total beside its state: reading the specification asked once more for each job whether the
-- caller sees it.

ALTER TABLE sanctuary.job ADD total_pence bigint;
COMMENT ON COLUMN sanctuary.job.total_pence IS 'Pence of the specification that counts; NULL: there is none.';

CREATE FUNCTION sanctuary.note_total() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
BEGIN
    NEW.total_pence := (SELECT s.total_pence FROM sanctuary.spec s WHERE s.id = NEW.spec_id);
    RETURN NEW;
END $$;
COMMENT ON FUNCTION sanctuary.note_total IS 'Keeps the total of the specification that counts with its job.';
CREATE TRIGGER note_total BEFORE INSERT OR UPDATE OF spec_id ON sanctuary.job FOR EACH ROW
    EXECUTE FUNCTION sanctuary.note_total();
UPDATE sanctuary.job SET spec_id = spec_id;

CREATE OR REPLACE VIEW sanctuary.job_line WITH (security_invoker = true) AS
SELECT j.id, j.reference, CASE WHEN (SELECT sees_cases()) THEN j.household_id END AS household_id,
       case_reference(j.household_id) AS household_reference, j.state, utc(j.state_since) AS state_since, j.risk_level,
       utc(j.due_at) AS due_at, coalesce(j.due_at < now(), false)
           AND j.state IN ('risk_assessed', 'consent_requested', 'consent_refused', 'consent_granted', 'surveyed',
                           'specified', 'approved', 'ordered', 'scheduled') AS late,
       colleague_name(j.coordinator_id) AS coordinator, j.total_pence,
       utc(j.referred_at) AS referred_at, j.coordinator_id AS _coordinator_id, j.state_since AS _since
  FROM sanctuary.job j;

-- As a function of SQL it was planned at each act.
CREATE OR REPLACE FUNCTION sanctuary.note(j sanctuary.job, act sanctuary_act, becomes sanctuary_state, item jsonb)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
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
      FROM moved m;
END $$;
