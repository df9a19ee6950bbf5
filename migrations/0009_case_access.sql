-- Who may see and write a case, and the tables that decide it.

-- ---- who may see a case ----
--
-- Deny beats allow, allow beats role; a declared link to a person in the case denies too. Row security, the
-- searches and the vault all use the functions below, so that every route hides the same cases.

-- One rule in two forms: for given cases and people side by side, and for all cases of the caller, because
-- that reads every restricted case. A test holds them, and the household's policy, against each other. A
-- provider sees an offered case through the offer, not through a list, so for a provider only a denial
-- counts. An erased case is hidden from everyone, by a mark of its own.
CREATE FUNCTION cases_hidden(households uuid[], accounts uuid[]) RETURNS boolean[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    RETURN ARRAY(
        SELECT h.erased_at IS NOT NULL
               OR EXISTS (SELECT FROM case_access a
                           WHERE a.household_id = o.household AND a.account_id = o.account AND a.access = 'deny')
               OR EXISTS (SELECT FROM account_link l JOIN person_index i ON i.hash = l.hash
                           WHERE l.account_id = o.account AND l.ended_at IS NULL AND i.household_id = o.household)
               OR h.restricted
                  AND NOT EXISTS (SELECT FROM case_access a
                                   WHERE a.household_id = o.household AND a.account_id = o.account
                                     AND a.access = 'allow')
                  AND NOT EXISTS (SELECT FROM break_glass b
                                   WHERE b.account_id = o.account AND b.expires_at > now()
                                     AND b.household_id = o.household)
                  AND EXISTS (SELECT FROM account a WHERE a.id = o.account AND a.role <> 'provider')
          FROM unnest(households, accounts) WITH ORDINALITY o (household, account, n)
          LEFT JOIN household h ON h.id = o.household
         ORDER BY o.n);
END $$;
COMMENT ON FUNCTION cases_hidden IS
    'For each pair of a case and an account: whether the case must look to that person as if it did not exist; NULL '
    'where there is no such case.';
GRANT EXECUTE ON FUNCTION cases_hidden TO haven_app;

CREATE FUNCTION case_hidden(household uuid, account uuid) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    RETURN (cases_hidden(ARRAY[household], ARRAY[account]))[1];
END $$;
COMMENT ON FUNCTION case_hidden IS 'Whether the case must look to this person as if it did not exist.';
GRANT EXECUTE ON FUNCTION case_hidden TO haven_app;

-- The two short lists, worked out once a transaction because each table of a statement needs them.
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
                    SELECT b.household_id FROM break_glass b
                     WHERE b.account_id = me AND b.expires_at > now())::text, true);
    END IF;
    RETURN true;
END $$;
COMMENT ON FUNCTION know_cases IS 'Works out the caller''s denied and opened cases, once a transaction; true.';
GRANT EXECUTE ON FUNCTION know_cases TO haven_app;

CREATE FUNCTION denied_cases() RETURNS uuid[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
BEGIN
    PERFORM know_cases();
    RETURN audit.me('denied')::uuid[];
END $$;
COMMENT ON FUNCTION denied_cases IS 'Cases that the caller is denied, or in which the caller has a declared link.';
GRANT EXECUTE ON FUNCTION denied_cases TO haven_app;

CREATE FUNCTION opened_cases() RETURNS uuid[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
BEGIN
    PERFORM know_cases();
    RETURN audit.me('opened')::uuid[];
END $$;
COMMENT ON FUNCTION opened_cases IS 'Restricted cases that are open to the caller.';
GRANT EXECUTE ON FUNCTION opened_cases TO haven_app;

CREATE FUNCTION hidden_cases() RETURNS SETOF uuid
LANGUAGE plpgsql STABLE ROWS 10 SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT unnest(denied_cases());
    RETURN QUERY SELECT h.id FROM household h
                  WHERE h.restricted AND h.organisation_id = ANY (audit.me('partners')::uuid[])
                    AND audit.me('role') <> 'provider'
                    AND h.id <> ALL (opened_cases());
END $$;
COMMENT ON FUNCTION hidden_cases IS
    'Cases of the partnership that are hidden from the caller (case_hidden()); a case may appear twice.';
GRANT EXECUTE ON FUNCTION hidden_cases TO haven_app;

CREATE FUNCTION case_of_partners(household uuid) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
BEGIN
    RETURN EXISTS (SELECT FROM household h WHERE h.id = household AND is_partner(h.organisation_id));
END $$;
COMMENT ON FUNCTION case_of_partners IS 'Whether a case is of the caller''s partnership.';
GRANT EXECUTE ON FUNCTION case_of_partners TO haven_app;

CREATE FUNCTION case_seen(household uuid) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
DECLARE
    known boolean := know_cases();
    denied uuid[] := audit.me('denied')::uuid[];
    opened uuid[] := audit.me('opened')::uuid[];
    partners uuid[] := audit.me('partners')::uuid[];
BEGIN
    RETURN known AND EXISTS (SELECT FROM household h
                              WHERE h.id = household AND h.organisation_id = ANY (partners) AND h.erased_at IS NULL
                      AND h.id <> ALL (denied) AND (NOT h.restricted OR h.id = ANY (opened)));
END $$;
COMMENT ON FUNCTION case_seen IS
    'Whether the caller sees this case, if the caller''s role sees cases. It takes as long for a hidden case as for '
    'one that does not exist.';
GRANT EXECUTE ON FUNCTION case_seen TO haven_app;

CREATE FUNCTION seen_case(household uuid) RETURNS uuid
LANGUAGE sql STABLE AS $$ SELECT CASE WHEN case_seen(household) THEN household END $$;
COMMENT ON FUNCTION seen_case IS
    'The case, or NULL where the caller does not see it. Statements about a case compare with this: policies take '
    'longer over a row that exists, and the time would tell that it does.';
GRANT EXECUTE ON FUNCTION seen_case TO haven_app;

CREATE FUNCTION case_is_ours(household uuid) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
BEGIN
    RETURN EXISTS (SELECT FROM household h WHERE h.id = seen_case(household) AND h.organisation_id = my_organisation());
END $$;
COMMENT ON FUNCTION case_is_ours IS
    'Whether a case is of the caller''s organisation and not hidden from the caller: such a caller sees the list of '
    'people who looked at it.';
GRANT EXECUTE ON FUNCTION case_is_ours TO haven_app;

-- A caller who waited for the lock was authorised before it was granted, and may be denied by now, or the
-- case may have been restricted. So the check is repeated under the lock. Only a caller who sees the case
-- gets the lock: waiting for it must not tell anyone else that there is a case.
CREATE FUNCTION lock_case(household uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
BEGIN
    IF case_seen(household) THEN
        PERFORM FROM household h WHERE h.id = household FOR NO KEY UPDATE;
        PERFORM set_config('haven.denied', '', true), set_config('haven.opened', '', true);
    END IF;
END $$;
COMMENT ON FUNCTION lock_case IS
    'The first statement of every change of a case: locks the case where the caller sees it, and forgets which cases '
    'the caller sees, so that this is asked again under the lock.';
GRANT EXECUTE ON FUNCTION lock_case TO haven_app;

CREATE FUNCTION forget_cases() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('haven.denied', '', true), set_config('haven.opened', '', true);
    RETURN NULL;
END $$;
COMMENT ON FUNCTION forget_cases IS
    'The tables that denied_cases() and opened_cases() read have changed: both are worked out again.';

-- ---- who may write a case ----
--
-- Row security trusts settings, and a worker that was taken over could change those, even within one
-- statement. So a trigger checks each row once more at the moment of writing: the caller must be proven
-- (audit.proven), with a role, organisation and cases that allow it. Functions of the owner check for
-- themselves; the triggers run with the writer's rights and so recognise them.

CREATE FUNCTION may_write_case(household uuid) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
BEGIN
    RETURN audit.proven() AND coalesce(sees_cases(), false) AND NOT case_hidden(household, audit.me('account')::uuid)
       AND EXISTS (SELECT FROM household h WHERE h.id = household AND is_partner(h.organisation_id));
END $$;
COMMENT ON FUNCTION may_write_case IS 'Whether the caller is proven and works on the case.';
GRANT EXECUTE ON FUNCTION may_write_case TO haven_app;

CREATE FUNCTION case_row_proven() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_user = 'haven_app'
       AND (TG_OP <> 'DELETE' AND NOT may_write_case(NEW.household_id)
            OR TG_OP <> 'INSERT' AND OLD.household_id IS DISTINCT FROM NEW.household_id
            AND NOT may_write_case(OLD.household_id)) THEN
        PERFORM refuse_unproven();
    END IF;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;
COMMENT ON FUNCTION case_row_proven IS 'A row that belongs to a case is written by a person who works on the case.';

CREATE FUNCTION household_row_proven() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_user = 'haven_app'
       AND NOT (CASE WHEN TG_OP = 'INSERT' THEN audit.proven()
                AND coalesce(sees_cases() AND NEW.organisation_id = my_organisation(), false)
                     ELSE may_write_case(OLD.id) END) THEN
        PERFORM refuse_unproven();
    END IF;
    RETURN NEW;
END $$;
COMMENT ON FUNCTION household_row_proven IS
    'A person takes a case for their own organisation, and changes a case that they work on.';

CREATE FUNCTION case_access_proven() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_user = 'haven_app' AND NOT case_is_ours(coalesce(NEW.household_id, OLD.household_id)) THEN
        PERFORM refuse_unproven();
    ELSIF current_user = 'haven_app' AND TG_OP <> 'DELETE' THEN
        NEW.given_by := audit.me('account')::uuid;
    END IF;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;
COMMENT ON FUNCTION case_access_proven IS
    'People of the case''s organisation decide who may see it, each in their own name.';

-- Tables that belong to a case call functions instead of repeating the household's policy: a statement over
-- seven such tables would be a plan of three hundred nodes.
INSERT INTO guard_kind (name, closed, readable, recorded, proven_by, policies) VALUES
    ('case', true, true, true, 'case_row_proven', ARRAY[
        'CREATE POLICY cases ON %s TO haven_app USING ((SELECT sees_cases()) AND case_seen(household_id))']);

-- ---- households and their members ----

CREATE TRIGGER a_proven BEFORE INSERT OR UPDATE ON household FOR EACH ROW EXECUTE FUNCTION household_row_proven();
CREATE POLICY cases ON household FOR SELECT TO haven_app
    USING ((SELECT sees_cases()) AND organisation_id = ANY ((SELECT my_partners())::uuid[])
           AND id <> ALL ((SELECT denied_cases())::uuid[])
           AND (NOT restricted OR id = ANY ((SELECT opened_cases())::uuid[])));
CREATE POLICY cases_changed ON household FOR UPDATE TO haven_app
    USING ((SELECT sees_cases()) AND organisation_id = ANY ((SELECT my_partners())::uuid[])
           AND id <> ALL ((SELECT denied_cases())::uuid[])
           AND (NOT restricted OR id = ANY ((SELECT opened_cases())::uuid[])));
CREATE POLICY cases_taken ON household FOR INSERT TO haven_app
    WITH CHECK ((SELECT sees_cases()) AND organisation_id = (SELECT my_organisation()));

CREATE TABLE member (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    household_id uuid NOT NULL REFERENCES household,
    kind member_kind NOT NULL,
    sex sex,
    gender_identity gender_identity NOT NULL DEFAULT 'not_asked',
    age integer CHECK (age BETWEEN 0 AND 120),
    age_on date NOT NULL DEFAULT today(),
    relationship text,
    couple boolean,
    ended_at timestamptz
) WITH (autovacuum_analyze_scale_factor = 0.02, autovacuum_vacuum_scale_factor = 0.05);
COMMENT ON TABLE member IS
    'A person of a household; a child is a victim in their own right (Domestic Abuse Act 2021 s. 3).';
COMMENT ON COLUMN member.id IS 'Identity.';
COMMENT ON COLUMN member.household_id IS 'The household.';
COMMENT ON COLUMN member.kind IS 'Main applicant, other adult or child.';
COMMENT ON COLUMN member.sex IS 'Sex; NULL is unknown.';
COMMENT ON COLUMN member.gender_identity IS 'Gender identity as needed for a provider''s lawful policy.';
COMMENT ON COLUMN member.age IS 'Age in years on age_on; NULL is unknown. The date of birth is in the vault.';
COMMENT ON COLUMN member.age_on IS 'Day on which the age was correct.';
COMMENT ON COLUMN member.relationship IS 'To the main applicant.';
COMMENT ON COLUMN member.couple IS 'Shares a bedroom with the main applicant as a couple.';
COMMENT ON COLUMN member.ended_at IS 'When the person left the household.';
CREATE INDEX member_household ON member (household_id);
SELECT guard('member', 'case', writes => 'insert, update', untold => '{age,age_on,relationship,couple}',
             erase => 'facts',
             erased => '{"age": "age_band(age)", "age_on": "date_trunc(''year'', age_on)::date"}', board => true);

CREATE TABLE person_index (
    household_id uuid NOT NULL REFERENCES household,
    member_id uuid REFERENCES member,
    purpose text NOT NULL CHECK (purpose IN ('person', 'party', 'link')),
    hash bytea NOT NULL CHECK (length(hash) = 32),
    created_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE person_index IS
    'Keyed hashes of name and date of birth, to find duplicates, repeats and conflicts without knowing a person. Not '
    'unique: a uniqueness error would prove that a person is here.';
COMMENT ON COLUMN person_index.household_id IS 'The case.';
COMMENT ON COLUMN person_index.member_id IS 'The member; NULL for a party (perpetrator, associate), who is no member.';
COMMENT ON COLUMN person_index.purpose IS
    'person: a member; party: a perpetrator or associate; link: either, to compare with declared links. Hashes of '
    'different purposes are never equal.';
COMMENT ON COLUMN person_index.hash IS
    'Keyed BLAKE2b-256; the key is not in the database. For party and link a person has up to two, so that one is '
    'equal even where the other side does not know the date of birth.';
COMMENT ON COLUMN person_index.created_at IS 'When it was recorded.';
CREATE INDEX person_index_hash ON person_index (hash);
CREATE INDEX person_index_household ON person_index (household_id);
SELECT guard('person_index', 'case', writes => 'insert', unread => '{hash}', erase => 'rows', recorded => false);
CREATE TRIGGER person_index_hides AFTER INSERT OR UPDATE OR DELETE ON person_index FOR EACH STATEMENT
    EXECUTE FUNCTION forget_cases();

-- ---- lists and links that decide who may see a case ----

CREATE TABLE case_access (
    household_id uuid NOT NULL REFERENCES household,
    account_id uuid NOT NULL REFERENCES account,
    access text NOT NULL CHECK (access IN ('allow', 'deny')),
    reason text NOT NULL CHECK (reason <> ''),
    given_by uuid REFERENCES account,
    at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (household_id, account_id)
);
COMMENT ON TABLE case_access IS 'People who may see a case (allow: then only they do) or may not (deny).';
COMMENT ON COLUMN case_access.household_id IS 'The case.';
COMMENT ON COLUMN case_access.account_id IS 'The person.';
COMMENT ON COLUMN case_access.access IS 'allow or deny.';
COMMENT ON COLUMN case_access.reason IS 'Why.';
COMMENT ON COLUMN case_access.given_by IS 'The person who decided it.';
COMMENT ON COLUMN case_access.at IS 'When.';
CREATE INDEX case_access_account ON case_access (account_id, access);
SELECT guard('case_access', 'case', writes => 'insert, update, delete', fixed => '{household_id,account_id}',
             untold => '{reason}',
             erase => 'rows');
CREATE TRIGGER case_access_hides AFTER INSERT OR UPDATE OR DELETE ON case_access FOR EACH STATEMENT
    EXECUTE FUNCTION forget_cases();
CREATE TRIGGER a_proven_delete BEFORE DELETE ON case_access FOR EACH ROW EXECUTE FUNCTION case_row_proven();
CREATE TRIGGER b_given_by BEFORE INSERT OR UPDATE OR DELETE ON case_access FOR EACH ROW
    EXECUTE FUNCTION case_access_proven();

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
    CONSTRAINT account_link_ended
        CHECK ((ended_at IS NULL) = (ended_by IS NULL) AND (ended_at IS NULL) = (end_reason IS NULL)),
    CONSTRAINT account_link_not_own CHECK (ended_by <> account_id)
);
COMMENT ON TABLE account_link IS
    'Conflicts of interest that people declared: keyed hashes, as in person_index, of themselves and of people they '
    'are linked to. The rows of one declaration share their id.';
COMMENT ON COLUMN account_link.id IS 'The declaration.';
COMMENT ON COLUMN account_link.account_id IS 'The person who declared it.';
COMMENT ON COLUMN account_link.hash IS
    'Keyed BLAKE2b-256 of purpose link; equal to one in person_index where the declared person is in that case.';
COMMENT ON COLUMN account_link.relationship IS 'What the declared person is to the account''s person.';
COMMENT ON COLUMN account_link.declared_at IS 'When.';
COMMENT ON COLUMN account_link.ended_at IS 'When it was taken back; until then it denies the case.';
COMMENT ON COLUMN account_link.ended_by IS 'The administrator who ended it; never the person who declared it.';
COMMENT ON COLUMN account_link.end_reason IS 'Why.';
CREATE INDEX account_link_account ON account_link (account_id) WHERE ended_at IS NULL;
CREATE INDEX account_link_listed ON account_link (account_id, declared_at, id);
SELECT guard('account_link', 'own', unread => '{hash}', untold => '{hash}');
CREATE TRIGGER account_link_hides AFTER INSERT OR UPDATE OR DELETE ON account_link FOR EACH STATEMENT
    EXECUTE FUNCTION forget_cases();

-- This runs before row security checks the row: a person may not make a case that they may not see.
CREATE FUNCTION refuse_linked() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
BEGIN
    IF NEW.purpose = 'link' AND EXISTS (SELECT FROM account_link l
                                         WHERE l.account_id = audit.me('account')::uuid AND l.ended_at IS NULL
                                           AND l.hash = NEW.hash) THEN
        RAISE EXCEPTION 'a declared link' USING ERRCODE = 'check_violation', CONSTRAINT = 'person_index_linked';
    END IF;
    RETURN NEW;
END $$;
COMMENT ON FUNCTION refuse_linked IS
    'A person cannot record in a case somebody to whom they have declared a link: a colleague must.';

CREATE TRIGGER person_index_linked BEFORE INSERT ON person_index FOR EACH ROW EXECUTE FUNCTION refuse_linked();

CREATE TABLE break_glass (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    household_id uuid NOT NULL REFERENCES household,
    account_id uuid NOT NULL REFERENCES account,
    organisation_id uuid NOT NULL REFERENCES organisation,
    reason text NOT NULL CHECK (reason <> ''),
    opened_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL DEFAULT now() + interval '60 minutes'
        CHECK (expires_at <= opened_at + interval '60 minutes')
);
COMMENT ON TABLE break_glass IS
    'Restricted cases that a person opened in an emergency: for 60 minutes, with an alert at once and a review on the '
    'next working day. A denied person cannot.';
COMMENT ON COLUMN break_glass.id IS 'Identity.';
COMMENT ON COLUMN break_glass.household_id IS 'The case.';
COMMENT ON COLUMN break_glass.account_id IS 'The person who opened it.';
COMMENT ON COLUMN break_glass.organisation_id IS 'The organisation that the person worked for.';
COMMENT ON COLUMN break_glass.reason IS 'Why it was necessary.';
COMMENT ON COLUMN break_glass.opened_at IS 'When it was opened.';
COMMENT ON COLUMN break_glass.expires_at IS 'When it closes again.';
CREATE INDEX break_glass_account ON break_glass (account_id, expires_at);
CREATE INDEX break_glass_listed ON break_glass (organisation_id, opened_at, id);
CREATE INDEX break_glass_listed_own ON break_glass (account_id, opened_at, id);
SELECT guard('break_glass', 'own', untold => '{reason}', erase => 'facts', erased => '{"reason": "''erased''"}');
CREATE POLICY officer ON break_glass FOR SELECT TO haven_app
    USING ((SELECT administers()) AND organisation_id = ANY ((SELECT my_partners())::uuid[]));
CREATE TRIGGER break_glass_hides AFTER INSERT OR UPDATE OR DELETE ON break_glass FOR EACH STATEMENT
    EXECUTE FUNCTION forget_cases();

-- ---- the trail of cases ----

CREATE FUNCTION audit.note_case() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    NEW.case_organisation_id := (SELECT h.organisation_id FROM household h WHERE h.id = NEW.household_id);
    RETURN NEW;
END $$;
COMMENT ON FUNCTION audit.note_case IS 'Notes the organisation of the case in an event that has none of its own.';
CREATE TRIGGER event_case BEFORE INSERT ON audit.event FOR EACH ROW
    WHEN (NEW.organisation_id IS NULL AND NEW.household_id IS NOT NULL) EXECUTE FUNCTION audit.note_case();

-- The trail shows what the partnership's people did, and what was done with its cases.
CREATE POLICY trail ON audit.event FOR SELECT TO haven_app
    USING (((SELECT sees_cases()) OR (SELECT reads_trail()))
           AND (organisation_id = ANY ((SELECT my_partners())::uuid[]) OR case_of_partners(household_id))
           AND (household_id IS NULL OR household_id NOT IN (SELECT hidden_cases())));
