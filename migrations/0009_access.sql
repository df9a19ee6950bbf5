-- Who may see a case. Deny beats allow, allow beats role; a declared link to somebody in the case
-- denies too. Row-level security (migration 0012), the searches and the vault all ask the two functions
-- below, so that a case is hidden by every route alike.

CREATE TABLE case_access (
    household_id uuid NOT NULL REFERENCES household,
    account_id uuid NOT NULL REFERENCES account,
    access text NOT NULL CHECK (access IN ('allow', 'deny')),
    reason text NOT NULL CHECK (reason <> ''),
    given_by uuid REFERENCES account,
    at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (household_id, account_id)
);
COMMENT ON TABLE case_access IS 'People who may (allow: then only they) or may not (deny) see a case.';
COMMENT ON COLUMN case_access.household_id IS 'The case.';
COMMENT ON COLUMN case_access.account_id IS 'Who.';
COMMENT ON COLUMN case_access.access IS 'allow or deny.';
COMMENT ON COLUMN case_access.reason IS 'Why.';
COMMENT ON COLUMN case_access.given_by IS 'Who decided it.';
COMMENT ON COLUMN case_access.at IS 'When.';
CREATE INDEX case_access_account ON case_access (account_id, access);

CREATE TABLE account_link (
    id uuid NOT NULL DEFAULT gen_random_uuid(),
    account_id uuid NOT NULL REFERENCES account,
    hash bytea NOT NULL CHECK (length(hash) = 32),
    relationship link_relationship NOT NULL,
    declared_at timestamptz NOT NULL DEFAULT now(),
    ended_at timestamptz,
    ended_by uuid REFERENCES account,
    end_reason text,
    PRIMARY KEY (id, hash),
    CONSTRAINT account_link_ended CHECK ((ended_at IS NULL) = (ended_by IS NULL) AND (ended_at IS NULL) = (end_reason IS NULL)),
    CONSTRAINT account_link_not_own CHECK (ended_by <> account_id)
);
COMMENT ON TABLE account_link IS 'Conflicts of interest that people declared: keyed hashes, as in person_index, of themselves and of people whom they are linked to. The rows of one declaration share their id.';
COMMENT ON COLUMN account_link.id IS 'The declaration.';
COMMENT ON COLUMN account_link.account_id IS 'Who declared it.';
COMMENT ON COLUMN account_link.hash IS 'Keyed BLAKE2b-256; of purpose link; equal to one of person_index where the declared person is in that case.';
COMMENT ON COLUMN account_link.relationship IS 'What the person is to them.';
COMMENT ON COLUMN account_link.declared_at IS 'When.';
COMMENT ON COLUMN account_link.ended_at IS 'When it was taken back; until then it denies.';
COMMENT ON COLUMN account_link.ended_by IS 'The administrator who decided so: never who declared it.';
COMMENT ON COLUMN account_link.end_reason IS 'Why.';
CREATE INDEX account_link_account ON account_link (account_id) WHERE ended_at IS NULL;

CREATE TABLE break_glass (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    household_id uuid NOT NULL REFERENCES household,
    account_id uuid NOT NULL REFERENCES account,
    organisation_id uuid NOT NULL REFERENCES organisation,
    reason text NOT NULL CHECK (reason <> ''),
    opened_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL DEFAULT now() + interval '60 minutes' CHECK (expires_at <= opened_at + interval '60 minutes')
);
COMMENT ON TABLE break_glass IS 'Restricted cases that somebody opened in an emergency: for 60 minutes, told at once, reviewed next working day (table alert). A denied person can not.';
COMMENT ON COLUMN break_glass.id IS 'Identity.';
COMMENT ON COLUMN break_glass.household_id IS 'The case.';
COMMENT ON COLUMN break_glass.account_id IS 'Who.';
COMMENT ON COLUMN break_glass.organisation_id IS 'For whom that person worked.';
COMMENT ON COLUMN break_glass.reason IS 'Why.';
COMMENT ON COLUMN break_glass.opened_at IS 'From when.';
COMMENT ON COLUMN break_glass.expires_at IS 'Until when.';
CREATE INDEX break_glass_account ON break_glass (account_id, expires_at);

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
    CONSTRAINT alert_reviewed CHECK ((reviewed_at IS NULL) = (finding IS NULL) AND (reviewed_at IS NULL) = (reviewed_by IS NULL)),
    CONSTRAINT alert_not_own CHECK (reviewed_by <> account_id)
);
COMMENT ON TABLE alert IS 'What the information officer is told at once and reviews by the next working day.';
COMMENT ON COLUMN alert.id IS 'Identity.';
COMMENT ON COLUMN alert.kind IS 'What happened.';
COMMENT ON COLUMN alert.organisation_id IS 'Whose person did it.';
COMMENT ON COLUMN alert.account_id IS 'Who did it.';
COMMENT ON COLUMN alert.household_id IS 'In which case, where there is one.';
COMMENT ON COLUMN alert.reason IS 'The reason that was given, where one had to be.';
COMMENT ON COLUMN alert.raised_at IS 'When.';
COMMENT ON COLUMN alert.review_due_on IS 'Next working day.';
COMMENT ON COLUMN alert.reviewed_at IS 'When it was reviewed.';
COMMENT ON COLUMN alert.reviewed_by IS 'By whom: never by who did it.';
COMMENT ON COLUMN alert.finding IS 'What the review found.';
COMMENT ON COLUMN alert.note IS 'Remark of the review.';
COMMENT ON COLUMN alert.version IS 'Grows by one with each change; the ETag.';
CREATE INDEX alert_organisation ON alert (organisation_id, raised_at DESC);
CREATE INDEX alert_account ON alert (account_id, kind, raised_at);


-- Of cases and persons side by side, and of all cases of who asks: the same rule in two forms, since the
-- second reads every restricted case. A test holds them, and the household's policy, against each other.
-- An offered case is shown to its provider by the offer, not by a list: there only a denial counts. An
-- erased case is hidden from everybody; of all of them their own mark tells (migration 0013).
CREATE FUNCTION cases_hidden(households uuid[], accounts uuid[]) RETURNS boolean[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    RETURN ARRAY(
        SELECT h.erased_at IS NOT NULL
               OR EXISTS (SELECT FROM case_access a WHERE a.household_id = o.household AND a.account_id = o.account AND a.access = 'deny')
               OR EXISTS (SELECT FROM account_link l JOIN person_index i ON i.hash = l.hash
                           WHERE l.account_id = o.account AND l.ended_at IS NULL AND i.household_id = o.household)
               OR h.restricted
                  AND NOT EXISTS (SELECT FROM case_access a WHERE a.household_id = o.household AND a.account_id = o.account AND a.access = 'allow')
                  AND NOT EXISTS (SELECT FROM break_glass b WHERE b.account_id = o.account AND b.expires_at > now() AND b.household_id = o.household)
                  AND EXISTS (SELECT FROM account a WHERE a.id = o.account AND a.role <> 'provider')
          FROM unnest(households, accounts) WITH ORDINALITY o (household, account, n)
          LEFT JOIN household h ON h.id = o.household
         ORDER BY o.n);
END $$;
COMMENT ON FUNCTION cases_hidden IS 'Whether the first case must look to the first person as if it did not exist, the second to the second, and so on; NULL where there is no such case.';

CREATE FUNCTION case_hidden(household uuid, account uuid) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    RETURN (cases_hidden(ARRAY[household], ARRAY[account]))[1];
END $$;
COMMENT ON FUNCTION case_hidden IS 'Whether the case must look to this person as if it did not exist.';

-- The two lists that are short, worked out once a transaction: each table of a statement asks.
CREATE FUNCTION know_cases() RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
DECLARE
    me uuid := audit.me('account')::uuid;
BEGIN
    IF audit.me('denied') IS NULL THEN
        PERFORM set_config('haven.denied', ARRAY(
                    SELECT a.household_id FROM case_access a WHERE a.account_id = me AND a.access = 'deny'
                     UNION
                    SELECT i.household_id FROM account_link l JOIN person_index i ON i.hash = l.hash
                     WHERE l.account_id = me AND l.ended_at IS NULL)::text, true),
                set_config('haven.opened', ARRAY(
                    SELECT a.household_id FROM case_access a WHERE a.account_id = me AND a.access = 'allow'
                     UNION
                    SELECT b.household_id FROM break_glass b WHERE b.account_id = me AND b.expires_at > now())::text, true);
    END IF;
    RETURN true;
END $$;
COMMENT ON FUNCTION know_cases IS 'Works the two lists out; true.';

CREATE FUNCTION denied_cases() RETURNS uuid[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
BEGIN
    PERFORM know_cases();
    RETURN audit.me('denied')::uuid[];
END $$;
COMMENT ON FUNCTION denied_cases IS 'Cases that who asks is denied, or is linked to somebody in.';

CREATE FUNCTION opened_cases() RETURNS uuid[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
BEGIN
    PERFORM know_cases();
    RETURN audit.me('opened')::uuid[];
END $$;
COMMENT ON FUNCTION opened_cases IS 'Restricted cases that are open to who asks.';

-- Who waits for a row has asked before it changed: by the time it is theirs they may be denied, or
-- be on the list that a case has been restricted to. So the lock comes before the look, and is for
-- those alone who see the case: it must not tell others that there is one.
CREATE FUNCTION lock_case(household uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
BEGIN
    IF case_seen(household) THEN
        PERFORM FROM household h WHERE h.id = household FOR NO KEY UPDATE;
        PERFORM set_config('haven.denied', '', true), set_config('haven.opened', '', true);
    END IF;
END $$;
COMMENT ON FUNCTION lock_case IS 'First of what changes a case: locks it where who asks sees it, and forgets who may, to be asked again.';

CREATE FUNCTION hidden_cases() RETURNS SETOF uuid
LANGUAGE plpgsql STABLE ROWS 10 SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT unnest(denied_cases());
    RETURN QUERY SELECT h.id FROM household h
                  WHERE h.restricted AND h.organisation_id = ANY (audit.me('partners')::uuid[]) AND audit.me('role') <> 'provider'
                    AND h.id <> ALL (opened_cases());
END $$;
COMMENT ON FUNCTION hidden_cases IS 'The cases of the partnership for which case_hidden() is true of who asks; one may come twice.';

CREATE FUNCTION forget_cases() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('haven.denied', '', true), set_config('haven.opened', '', true);
    RETURN NULL;
END $$;
COMMENT ON FUNCTION forget_cases IS 'What they go by has changed: denied_cases() and opened_cases() are to be worked out anew.';
DO $$
DECLARE
    t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['case_access', 'account_link', 'break_glass', 'person_index'] LOOP
        EXECUTE format('CREATE TRIGGER %1$s_hides AFTER INSERT OR UPDATE OR DELETE ON %1$I FOR EACH STATEMENT EXECUTE FUNCTION forget_cases()', t);
    END LOOP;
END $$;

CREATE FUNCTION raise_alert(kind text, account uuid, household uuid, reason text) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
DECLARE
    made uuid;
BEGIN
    INSERT INTO alert AS x (kind, organisation_id, account_id, household_id, reason, review_due_on)
    SELECT kind, a.organisation_id, a.id, household, reason, add_working_days(today(), 1) FROM account a WHERE a.id = account
    RETURNING x.id INTO made;
    RETURN made;
END $$;
COMMENT ON FUNCTION raise_alert IS 'Tells the information officer; in the transaction of what it is about.';

-- With the owner's eyes: who takes the last entry back no longer sees the case until this is done.
CREATE FUNCTION settle_access(household uuid, person uuid) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
DECLARE
    before boolean := (SELECT h.restricted FROM household h WHERE h.id = household);
    me uuid := audit.me('account')::uuid;
    told boolean := EXISTS (SELECT FROM alert x WHERE x.account_id = me AND x.kind = 'access_list' AND x.household_id = household
                               AND x.raised_at > now() - interval '24 hours');
    now_is boolean;
BEGIN
    UPDATE household h SET version = h.version + 1,
           restricted = EXISTS (SELECT FROM case_access a WHERE a.household_id = household AND a.access = 'allow')
     WHERE h.id = household RETURNING h.restricted INTO now_is;
    IF NOT told AND (now_is AND NOT before OR EXISTS (
           SELECT FROM case_access c JOIN account a ON a.id = c.account_id
            WHERE c.household_id = household AND c.account_id = person AND c.access = 'deny' AND a.role IN ('administrator', 'provider'))) THEN
        PERFORM raise_alert('access_list', me, household, NULL);
    END IF;
END $$;
COMMENT ON FUNCTION settle_access IS 'Makes a case restricted where somebody is on its list of allowed people, and open where nobody is. The information officer is told, once a day, where a case becomes restricted, or is denied to an administrator or a provider''s person: those are who would watch.';

-- Free text about a case is not written into the trail: an erasure could not take it out.
DO $$
DECLARE
    t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['case_access', 'break_glass', 'alert'] LOOP
        EXECUTE format('CREATE TRIGGER %1$s_audit AFTER INSERT OR UPDATE OR DELETE ON %1$I FOR EACH ROW EXECUTE FUNCTION audit.record(''reason'', ''note'')', t);
    END LOOP;
END $$;
CREATE TRIGGER account_link_audit AFTER INSERT OR UPDATE OR DELETE ON account_link FOR EACH ROW EXECUTE FUNCTION audit.record('hash');

REVOKE ALL ON FUNCTION cases_hidden, case_hidden, know_cases, lock_case, denied_cases, opened_cases, hidden_cases, settle_access, raise_alert FROM PUBLIC;
GRANT EXECUTE ON FUNCTION cases_hidden, case_hidden, know_cases, denied_cases, opened_cases, hidden_cases, lock_case, settle_access TO haven_app;
GRANT SELECT, INSERT, DELETE ON case_access TO haven_app;
GRANT UPDATE (access, reason, given_by, at) ON case_access TO haven_app;
-- Written by functions alone (migration 0011); what is read, row security decides.
GRANT SELECT ON account_link, break_glass, alert TO haven_app;
