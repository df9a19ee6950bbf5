-- When each job last ran, so that one that stopped is seen: what nobody asked for is missed by nobody.

CREATE TABLE job (
    name text PRIMARY KEY,
    late_after interval NOT NULL,
    known_from timestamptz NOT NULL DEFAULT now(),
    ran_at timestamptz,
    did integer NOT NULL DEFAULT 0
);
COMMENT ON TABLE job IS
    'What is done without anybody asking: when it last ran, and from which age on that is an alarm.';
COMMENT ON COLUMN job.name IS 'The job.';
COMMENT ON COLUMN job.late_after IS 'The longest that it may be since it ran.';
COMMENT ON COLUMN job.known_from IS 'When it came to this database.';
COMMENT ON COLUMN job.ran_at IS 'When it last ran to its end; NULL is never.';
COMMENT ON COLUMN job.did IS 'How many things it did then.';
SELECT guard('job', 'open');

INSERT INTO job (name, late_after) VALUES ('expire_holds', '5 minutes'), ('expire_fund', '5 minutes'),
    ('warn_of_lapses', '5 minutes'), ('keep_promises', '5 minutes'), ('keep_stays', '5 minutes'),
    ('forecast', '26 hours'), ('clear', '5 minutes'), ('answer_times', '5 minutes'),
    ('note_lapses', '5 minutes'), ('seal_audit', '5 minutes');

CREATE FUNCTION ran(job text, n integer) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    UPDATE job j SET ran_at = clock_timestamp(), did = coalesce(n, 0) WHERE j.name = job;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no job %', job;
    END IF;
END $$;
COMMENT ON FUNCTION ran IS 'Notes that a job ran to its end, and how much it did.';

CREATE FUNCTION ran_today(job text) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT coalesce((j.ran_at AT TIME ZONE 'Europe/London')::date = today(), false) FROM job j WHERE j.name = job
$$;
COMMENT ON FUNCTION ran_today IS 'Whether a job of once a day has run on this London day.';

CREATE OR REPLACE FUNCTION note_lapses() RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
DECLARE
    n integer;
BEGIN
    PERFORM audit.disown();
    INSERT INTO notice (organisation_id, kind, vacancy_id, at)
    SELECT v.organisation_id, 'vacancy_lapsed', v.id, v.confirmed_at + y.lapse
      FROM vacancy v, policy y
     WHERE v.withdrawn_at IS NULL AND v.taken_at IS NULL AND v.confirmed_at <= now() - y.lapse
       AND coalesce(v.available_until, 'infinity') > today()
    ON CONFLICT DO NOTHING;
    GET DIAGNOSTICS n = ROW_COUNT;
    PERFORM ran('note_lapses', n);
    RETURN n;
END $$;

CREATE FUNCTION clear_old() RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    n integer;
BEGIN
    DELETE FROM change_log WHERE at < now() - interval '10 minutes';
    GET DIAGNOSTICS n = ROW_COUNT;
    DELETE FROM idempotency k
     WHERE k.created_at < now() - interval '7 days'
       AND NOT EXISTS (SELECT FROM fund.posting p WHERE p.account_id = k.account_id AND p.key = k.key);
    DELETE FROM sign_in_failure WHERE failed_at < now() - interval '1 day';
    DELETE FROM session WHERE expires_at < now() - interval '7 days';
    RETURN n;
END $$;
COMMENT ON FUNCTION clear_old IS 'Deletes what is kept for a time only; returns how many changes for the boards.';

CREATE FUNCTION time_answers() RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    n integer;
BEGIN
    INSERT INTO provider_answer (organisation_id, median_minutes)
    SELECT organisation_id,
           percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM decided_at - offered_at) / 60)::integer
      FROM placement WHERE decided_at > now() - interval '90 days' AND offered_at IS NOT NULL GROUP BY organisation_id
    ON CONFLICT (organisation_id) DO UPDATE SET median_minutes = excluded.median_minutes
     WHERE provider_answer.median_minutes <> excluded.median_minutes;
    GET DIAGNOSTICS n = ROW_COUNT;
    RETURN n;
END $$;
COMMENT ON FUNCTION time_answers IS 'How long each provider takes to answer an offer, over 90 days.';

CREATE FUNCTION expire_holds() RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    n integer;
BEGIN
    UPDATE placement SET state = 'expired', version = version + 1
     WHERE id IN (SELECT id FROM placement WHERE state IN ('held', 'offered') AND expires_at <= now()
                   ORDER BY unit_id LIMIT 500 FOR UPDATE SKIP LOCKED);
    GET DIAGNOSTICS n = ROW_COUNT;
    RETURN n;
END $$;
COMMENT ON FUNCTION expire_holds IS 'Books which holds and offers have run out; nothing waits for it to be true.';

CREATE OR REPLACE FUNCTION tidy() RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
DECLARE
    n integer;
BEGIN
    IF NOT pg_try_advisory_xact_lock(hashtext('haven tidy')) THEN
        RETURN 0;
    END IF;
    PERFORM audit.disown();
    n := expire_holds();
    PERFORM ran('expire_holds', n);
    PERFORM ran('expire_fund', fund.expire());
    PERFORM fund.warn_of_lapses();
    PERFORM ran('warn_of_lapses', 0);
    PERFORM fund.keep_promises();
    PERFORM ran('keep_promises', 0);
    PERFORM fund.keep_stays();
    PERFORM ran('keep_stays', 0);
    IF NOT ran_today('forecast') THEN
        PERFORM ran('forecast', fund.warn_of_running_out());
    END IF;
    PERFORM ran('clear', clear_old());
    PERFORM ran('answer_times', time_answers());
    -- the vault signs the audit trail: what it left is seen here
    UPDATE job j SET ran_at = h.at, did = 1
      FROM (SELECT h.at FROM audit.head h ORDER BY h.number DESC LIMIT 1) h WHERE j.name = 'seal_audit';
    RETURN n;
END $$;
