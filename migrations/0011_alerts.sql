-- Alerts to the information officer.

CREATE TABLE alert (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    kind alert_kind NOT NULL,
    organisation_id uuid NOT NULL REFERENCES organisation,
    account_id uuid NOT NULL REFERENCES account,
    household_id uuid REFERENCES household,
    reason text,
    raised_at timestamptz NOT NULL DEFAULT now(),
    review_due_on date NOT NULL,
    reviewed_at timestamptz,
    reviewed_by uuid REFERENCES account,
    finding alert_finding,
    note text,
    version integer NOT NULL DEFAULT 1,
    CONSTRAINT alert_reviewed
        CHECK ((reviewed_at IS NULL) = (finding IS NULL) AND (reviewed_at IS NULL) = (reviewed_by IS NULL)),
    CONSTRAINT alert_not_own CHECK (reviewed_by <> account_id)
);
COMMENT ON TABLE alert IS 'What the information officer is alerted to at once and reviews by the next working day.';
COMMENT ON COLUMN alert.id IS 'Identity.';
COMMENT ON COLUMN alert.kind IS 'What happened.';
COMMENT ON COLUMN alert.organisation_id IS 'The organisation of the person who did it.';
COMMENT ON COLUMN alert.account_id IS 'The person who did it.';
COMMENT ON COLUMN alert.household_id IS 'The case, where there is one.';
COMMENT ON COLUMN alert.reason IS 'The reason that the person gave, where one was required.';
COMMENT ON COLUMN alert.raised_at IS 'When.';
COMMENT ON COLUMN alert.review_due_on IS 'Next working day.';
COMMENT ON COLUMN alert.reviewed_at IS 'When it was reviewed.';
COMMENT ON COLUMN alert.reviewed_by IS 'The reviewer; never the person who did it.';
COMMENT ON COLUMN alert.finding IS 'What the review found.';
COMMENT ON COLUMN alert.note IS 'Remark of the review.';
COMMENT ON COLUMN alert.version IS 'Grows by one with each change; the ETag.';
CREATE INDEX alert_listed ON alert (organisation_id, raised_at, id);
CREATE INDEX alert_listed_kind ON alert (organisation_id, kind, raised_at, id);
CREATE INDEX alert_listed_open ON alert (organisation_id, raised_at, id) WHERE reviewed_at IS NULL;
CREATE INDEX alert_account ON alert (account_id, kind, raised_at);
SELECT guard('alert', 'alone', untold => '{reason,note}', erase => 'facts');
CREATE POLICY officer ON alert TO haven_app
    USING ((SELECT administers()) AND organisation_id = ANY ((SELECT my_partners())::uuid[]));

CREATE FUNCTION raise_alert(kind text, account uuid, household uuid, reason text) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
DECLARE
    made uuid;
BEGIN
    INSERT INTO alert AS x (kind, organisation_id, account_id, household_id, reason, review_due_on)
    SELECT kind, a.organisation_id, a.id, household, reason, add_working_days(today(), 1) FROM account a
     WHERE a.id = account
    RETURNING x.id INTO made;
    RETURN made;
END $$;
COMMENT ON FUNCTION raise_alert IS 'Alerts the information officer, in the transaction of the act itself.';

-- Runs as the owner: a caller who removes the last entry does not see the case until this is done.
CREATE FUNCTION settle_access(household uuid, person uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
DECLARE
    before boolean := (SELECT h.restricted FROM household h WHERE h.id = household);
    me uuid := audit.me('account')::uuid;
    told boolean := EXISTS (SELECT FROM alert x
                             WHERE x.account_id = me AND x.kind = 'access_list' AND x.household_id = household
                               AND x.raised_at > now() - interval '24 hours');
    now_is boolean;
BEGIN
    UPDATE household h SET version = h.version + 1,
           restricted = EXISTS (SELECT FROM case_access a WHERE a.household_id = household AND a.access = 'allow')
     WHERE h.id = household RETURNING h.restricted INTO now_is;
    IF NOT told AND (now_is AND NOT before OR EXISTS (
           SELECT FROM case_access c JOIN account a ON a.id = c.account_id
            WHERE c.household_id = household AND c.account_id = person AND c.access = 'deny'
              AND a.role IN ('administrator', 'provider'))) THEN
        PERFORM raise_alert('access_list', me, household, NULL);
    END IF;
END $$;
COMMENT ON FUNCTION settle_access IS
    'Restricts a case whose list has an allowed person, and opens a case whose list has none. Alerts the information '
    'officer, once a day, when a case becomes restricted, or is denied to an administrator or to a provider''s '
    'person: these are the people who would watch.';
GRANT EXECUTE ON FUNCTION settle_access TO haven_app;
