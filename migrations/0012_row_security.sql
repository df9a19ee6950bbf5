-- Row-level security: who sees which rows, also where a handler forgot to ask. It goes by what
-- open_request() and request_read say of who asks (audit.me); where that is missing nothing is seen.
--
--	haven_app	the workers: what follows here
--	haven_board	the lists that a worker keeps in memory for searches: facts of all that wait and of
--			all that is offered, no identity, nothing to write
--	haven_owner	migrations, the operator's tool, and the functions marked SECURITY DEFINER: has
--			BYPASSRLS, each function checks for itself
--
-- Forced, so that the tables are closed even to an owner without that attribute.

CREATE FUNCTION my_organisation() RETURNS uuid LANGUAGE sql STABLE AS $$ SELECT audit.me('organisation')::uuid $$;
COMMENT ON FUNCTION my_organisation IS 'For whom who asks works; NULL where nobody asks.';
CREATE FUNCTION my_partners() RETURNS uuid[] LANGUAGE sql STABLE AS $$ SELECT audit.me('partners')::uuid[] $$;
COMMENT ON FUNCTION my_partners IS 'The organisations of the partnership of who asks.';
CREATE FUNCTION sees_cases() RETURNS boolean LANGUAGE sql STABLE AS
$$ SELECT audit.me('role') IN ('housing_officer', 'navigator', 'sanctuary_coordinator') $$;
COMMENT ON FUNCTION sees_cases IS 'Whether it is the work of who asks to read cases.';
CREATE FUNCTION is_provider() RETURNS boolean LANGUAGE sql STABLE AS $$ SELECT audit.me('role') = 'provider' $$;
COMMENT ON FUNCTION is_provider IS 'Whether who asks is a provider: they see what is their organisation''s alone.';

CREATE FUNCTION case_of_partners(household uuid) RETURNS boolean LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
BEGIN
    RETURN EXISTS (SELECT FROM household h WHERE h.id = household AND h.organisation_id = ANY (my_partners()));
END $$;
COMMENT ON FUNCTION case_of_partners IS 'Whether a case is the partnership''s of who asks.';

CREATE FUNCTION case_seen(household uuid) RETURNS boolean LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
DECLARE
    known boolean := know_cases();
    denied uuid[] := audit.me('denied')::uuid[];
    opened uuid[] := audit.me('opened')::uuid[];
    partners uuid[] := audit.me('partners')::uuid[];
BEGIN
    RETURN known AND EXISTS (SELECT FROM household h WHERE h.id = household AND h.organisation_id = ANY (partners) AND h.erased_at IS NULL
                      AND h.id <> ALL (denied) AND (NOT h.restricted OR h.id = ANY (opened)));
END $$;
COMMENT ON FUNCTION case_seen IS 'Whether the case is one that who asks sees, if that person sees cases: the household''s policy. It takes as long for a hidden case as for none.';

CREATE FUNCTION seen_case(household uuid) RETURNS uuid LANGUAGE sql STABLE AS $$ SELECT CASE WHEN case_seen(household) THEN household END $$;
COMMENT ON FUNCTION seen_case IS 'The case, or NULL where who asks does not see it. Statements about a case compare with this: policies look closer at a row that is there, and the time until the answer would tell that it is.';

CREATE FUNCTION case_offered(household uuid) RETURNS boolean LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
BEGIN
    RETURN EXISTS (SELECT FROM placement p
                    WHERE p.household_id = household AND p.organisation_id = my_organisation() AND p.offered_at IS NOT NULL
                      AND (p.state IN ('accepted', 'arrived') OR p.state = 'offered' AND p.expires_at > now()));
END $$;
COMMENT ON FUNCTION case_offered IS 'Whether the household is offered to the organisation of who asks or lives with it.';

CREATE FUNCTION case_is_ours(household uuid) RETURNS boolean LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
BEGIN
    RETURN EXISTS (SELECT FROM household h WHERE h.id = seen_case(household) AND h.organisation_id = my_organisation());
END $$;
COMMENT ON FUNCTION case_is_ours IS 'Whether a case is of the organisation of who asks and not hidden from that person: who sees who looked at it.';

-- What a search will read of a case once it is stored, with the conflicts that its taker may not see.
CREATE FUNCTION waiting_case(household uuid) RETURNS SETOF board_household
LANGUAGE plpgsql STABLE ROWS 1 SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
BEGIN
    IF case_seen(household) THEN
        RETURN QUERY SELECT * FROM board_household b WHERE b.id = household;
    END IF;
END $$;
COMMENT ON FUNCTION waiting_case IS 'The row of board_household of a case that who asks sees.';

CREATE FUNCTION same_people(household uuid) RETURNS SETOF uuid
LANGUAGE plpgsql STABLE ROWS 2 SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT DISTINCT i.household_id FROM person_index mine JOIN person_index i ON i.hash = mine.hash AND i.purpose = 'person'
                  WHERE mine.household_id = seen_case(household) AND mine.purpose = 'person' AND i.household_id <> household
                    AND sees_cases() AND case_seen(i.household_id);
END $$;
COMMENT ON FUNCTION same_people IS 'Other cases with a member of this case, of those that who asks sees. A name alone never counts.';

DO $$
DECLARE
    t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['property', 'unit', 'vacancy', 'void_period', 'property_party', 'household', 'member',
                             'member_characteristic', 'unsafe_place', 'person_index', 'referral', 'marac', 'consent', 'unmet_need',
                             'placement', 'idempotency', 'case_access', 'account_link', 'break_glass', 'alert', 'address_reveal', 'audit.event'] LOOP
        EXECUTE 'ALTER TABLE ' || t || ' ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY';
    END LOOP;
    FOREACH t IN ARRAY ARRAY['property', 'unit', 'vacancy', 'void_period', 'household', 'member', 'unsafe_place', 'placement'] LOOP
        EXECUTE format('CREATE POLICY board ON %I FOR SELECT TO haven_board USING (true)', t);
        EXECUTE format('GRANT SELECT ON %I TO haven_board', t);
    END LOOP;

    -- Supply: providers see and change what is their own, the others see the partnership's.
    FOREACH t IN ARRAY ARRAY['property', 'unit', 'vacancy', 'void_period'] LOOP
        EXECUTE format('CREATE POLICY own ON %I TO haven_app '
                       'USING ((SELECT is_provider()) AND organisation_id = (SELECT my_organisation()))', t);
        EXECUTE format('CREATE POLICY partners ON %I FOR SELECT TO haven_app '
                       'USING (organisation_id = ANY ((SELECT my_partners())::uuid[]) AND NOT (SELECT is_provider()) '
                       'AND (SELECT audit.me(''role'')) <> ''contractor'')', t);
    END LOOP;

    -- What hangs off a case. Functions, not the household's own policy: a statement over seven tables
    -- would be a plan of three hundred.
    FOREACH t IN ARRAY ARRAY['member', 'member_characteristic', 'unsafe_place', 'person_index', 'marac', 'consent', 'case_access'] LOOP
        EXECUTE format('CREATE POLICY cases ON %I TO haven_app USING ((SELECT sees_cases()) '
                       'AND case_seen(household_id))', t);
    END LOOP;
END $$;

CREATE POLICY own ON property_party TO haven_app
    USING ((SELECT is_provider()) AND EXISTS (SELECT FROM property p WHERE p.id = property_id));

CREATE POLICY cases ON household FOR SELECT TO haven_app
    USING ((SELECT sees_cases()) AND organisation_id = ANY ((SELECT my_partners())::uuid[]) AND id <> ALL ((SELECT denied_cases())::uuid[])
           AND (NOT restricted OR id = ANY ((SELECT opened_cases())::uuid[])));
CREATE POLICY cases_changed ON household FOR UPDATE TO haven_app
    USING ((SELECT sees_cases()) AND organisation_id = ANY ((SELECT my_partners())::uuid[]) AND id <> ALL ((SELECT denied_cases())::uuid[])
           AND (NOT restricted OR id = ANY ((SELECT opened_cases())::uuid[])));
CREATE POLICY cases_taken ON household FOR INSERT TO haven_app
    WITH CHECK ((SELECT sees_cases()) AND organisation_id = (SELECT my_organisation()));
-- A provider sees who is offered to it or lives with it, as long as that is so.
CREATE POLICY offered ON household FOR SELECT TO haven_app
    USING ((SELECT is_provider()) AND id <> ALL ((SELECT denied_cases())::uuid[]) AND case_offered(id));
CREATE POLICY offered ON member FOR SELECT TO haven_app
    USING ((SELECT is_provider()) AND household_id <> ALL ((SELECT denied_cases())::uuid[]) AND case_offered(household_id));

CREATE POLICY cases ON referral TO haven_app
    USING ((SELECT sees_cases()) AND organisation_id = ANY ((SELECT my_partners())::uuid[]) AND household_id NOT IN (SELECT hidden_cases()));

CREATE POLICY cases ON unmet_need FOR SELECT TO haven_app
    USING (((SELECT sees_cases()) OR (SELECT audit.me('role')) = 'analyst') AND organisation_id = ANY ((SELECT my_partners())::uuid[]) AND household_id NOT IN (SELECT hidden_cases()));

CREATE POLICY partners ON placement TO haven_app
    USING (NOT (SELECT is_provider()) AND (SELECT audit.me('role')) NOT IN ('contractor', 'administrator')
           AND organisation_id = ANY ((SELECT my_partners())::uuid[]) AND household_id NOT IN (SELECT hidden_cases()));
CREATE POLICY offered ON placement TO haven_app
    USING ((SELECT is_provider()) AND organisation_id = (SELECT my_organisation()) AND offered_at IS NOT NULL
           AND household_id NOT IN (SELECT hidden_cases()));

CREATE POLICY own ON idempotency TO haven_app USING (account_id = (SELECT audit.me('account')::uuid));
CREATE POLICY own ON account_link TO haven_app USING (account_id = (SELECT audit.me('account')::uuid));
CREATE POLICY own ON break_glass TO haven_app USING (account_id = (SELECT audit.me('account')::uuid));
CREATE POLICY officer ON break_glass FOR SELECT TO haven_app
    USING ((SELECT audit.me('role')) = 'administrator' AND organisation_id = ANY ((SELECT my_partners())::uuid[]));
CREATE POLICY officer ON alert TO haven_app
    USING ((SELECT audit.me('role')) = 'administrator' AND organisation_id = ANY ((SELECT my_partners())::uuid[]));

-- Denied the case or not: a list that who is watched could shorten would be none.
CREATE POLICY manager ON address_reveal FOR SELECT TO haven_app
    USING ((SELECT is_provider()) AND organisation_id = (SELECT my_organisation()));

-- The trail: what the partnership's people did, and what was done with its cases.
CREATE POLICY trail ON audit.event FOR SELECT TO haven_app
    USING (((SELECT sees_cases()) OR (SELECT audit.me('role')) IN ('administrator', 'finance_approver'))
           AND (organisation_id = ANY ((SELECT my_partners())::uuid[]) OR case_of_partners(household_id))
           AND (household_id IS NULL OR household_id NOT IN (SELECT hidden_cases())));
-- The sealer reads and never writes events.
CREATE POLICY sealer ON audit.event FOR SELECT TO haven_vault USING (true);

REVOKE ALL ON FUNCTION my_organisation, my_partners, sees_cases, is_provider, case_of_partners, case_seen, seen_case, case_offered, case_is_ours, waiting_case, same_people FROM PUBLIC;
GRANT EXECUTE ON FUNCTION my_organisation, my_partners, sees_cases, is_provider, case_of_partners, case_seen, seen_case, case_offered, case_is_ours, waiting_case, same_people TO haven_app;

REVOKE INSERT, UPDATE ON haven_migration FROM haven_app;
-- A placement is made by take_hold() alone, and whose it is never changes: a relation that a worker
-- could invent would open an address.
REVOKE INSERT, UPDATE ON placement FROM haven_app;
GRANT UPDATE (state, expires_at, offered_at, decided_at, arrived_on, departed_on, decline_side, decline_reason, equality_ground,
              equality_exception, cancel_reason, non_arrival_reason, departure_reason, destination, safe_and_well, period, version)
    ON placement TO haven_app;
-- Nor whose a case is, who is in charge of it and who alone may see it; nor whose a place is, and where.
DO $$
DECLARE
    it record;
BEGIN
    FOR it IN SELECT t.name, string_agg(quote_ident(a.attname), ', ') AS columns
                FROM (VALUES ('household', '{id,reference,organisation_id,owner_id,restricted,created_at}'::text[]),
                             ('property', '{id,organisation_id}'), ('unit', '{id,organisation_id,property_id}'),
                             ('vacancy', '{id,organisation_id,unit_id}')) t (name, kept)
                JOIN pg_attribute a ON a.attrelid = t.name::regclass AND a.attnum > 0 AND NOT a.attisdropped AND a.attname <> ALL (t.kept)
               GROUP BY t.name
    LOOP
        EXECUTE format('REVOKE UPDATE ON %I FROM haven_app', it.name);
        EXECUTE format('GRANT UPDATE (%s) ON %I TO haven_app', it.columns, it.name);
    END LOOP;
END $$;
-- Nor what the keyed hashes are: the vault tells the hash of any name, and whoever could compare would
-- find the case of anybody they can name. What compares is a function of the owner's.
REVOKE SELECT, UPDATE ON person_index FROM haven_app;
GRANT SELECT (household_id, member_id, purpose, created_at) ON person_index TO haven_app;
REVOKE SELECT, INSERT, UPDATE ON property_party FROM haven_app;
GRANT SELECT (property_id, link) ON property_party TO haven_app;
REVOKE SELECT ON account_link FROM haven_app;
GRANT SELECT (id, account_id, relationship, declared_at, ended_at, ended_by, end_reason) ON account_link TO haven_app;
REVOKE EXECUTE ON FUNCTION board_households_waiting, barred_from, linked_parties, safety_refusal FROM haven_app;

GRANT USAGE ON SCHEMA public TO haven_board;
GRANT SELECT ON organisation, provider_answer, board_property, board_vacancy TO haven_board;
GRANT EXECUTE ON FUNCTION today, london_day, add_working_days, free_from, board_households_waiting TO haven_board;
-- The polls' functions are the owner's.
REVOKE SELECT ON board_property, board_vacancy, board_household FROM haven_app;
