-- What a worker writes by statements of its own. Row security goes by settings, which a worker could set,
-- also between two moments of one statement: so each row is looked at once more in the moment when it is
-- written: by a proven person (audit.proven), whose role, organisation and cases allow it. Functions of
-- the owner check for themselves: these triggers run with the rights of who writes, and so know.

CREATE FUNCTION may_write_case(household uuid) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
BEGIN
    RETURN audit.proven() AND coalesce(sees_cases(), false) AND NOT case_hidden(household, audit.me('account')::uuid)
       AND EXISTS (SELECT FROM household h WHERE h.id = household AND h.organisation_id = ANY (my_partners()));
END $$;
COMMENT ON FUNCTION may_write_case IS 'Whether who asks, proven, works on the case.';

CREATE FUNCTION may_write_supply(organisation uuid) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
BEGIN
    RETURN audit.proven() AND coalesce(is_provider() AND organisation = my_organisation(), false);
END $$;
COMMENT ON FUNCTION may_write_supply IS 'Whether who asks, proven, is of that provider.';

CREATE FUNCTION may_write_placement(provider uuid, requester uuid, household uuid, entering boolean) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
BEGIN
    RETURN audit.proven() AND NOT case_hidden(household, audit.me('account')::uuid)
       AND coalesce(is_provider() AND my_organisation() = provider
                    OR NOT entering AND audit.me('role') IN ('housing_officer', 'navigator') AND my_organisation() = requester, false);
END $$;
COMMENT ON FUNCTION may_write_placement IS 'Whether who asks, proven, is of one of the placement''s two sides; to enter a place (accepted, arrived), of the provider''s.';

CREATE FUNCTION may_administer(partnership uuid) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
BEGIN
    RETURN audit.proven() AND coalesce(audit.me('role') = 'administrator'
           AND partnership = (SELECT o.partnership_id FROM organisation o WHERE o.id = my_organisation()), false);
END $$;
COMMENT ON FUNCTION may_administer IS 'Whether who asks, proven, administers the partnership.';

CREATE FUNCTION refuse_unproven() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'nobody who may' USING ERRCODE = 'HV401';
END $$;
COMMENT ON FUNCTION refuse_unproven IS 'HV401, as for a session that does not hold.';

CREATE FUNCTION case_row_proven() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_user = 'haven_app'
       AND (TG_OP <> 'DELETE' AND NOT may_write_case(NEW.household_id)
            OR TG_OP <> 'INSERT' AND OLD.household_id IS DISTINCT FROM NEW.household_id AND NOT may_write_case(OLD.household_id)) THEN
        PERFORM refuse_unproven();
    END IF;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;
COMMENT ON FUNCTION case_row_proven IS 'What hangs off a case is written by who works on it.';

CREATE FUNCTION household_row_proven() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_user = 'haven_app'
       AND NOT (CASE WHEN TG_OP = 'INSERT' THEN audit.proven() AND coalesce(sees_cases() AND NEW.organisation_id = my_organisation(), false)
                     ELSE may_write_case(OLD.id) END) THEN
        PERFORM refuse_unproven();
    END IF;
    RETURN NEW;
END $$;
COMMENT ON FUNCTION household_row_proven IS 'A case is taken for one''s own organisation, and changed by who works on it.';

CREATE FUNCTION supply_row_proven() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_user = 'haven_app' AND NOT may_write_supply(NEW.organisation_id) THEN
        PERFORM refuse_unproven();
    END IF;
    RETURN NEW;
END $$;
COMMENT ON FUNCTION supply_row_proven IS 'A place is written by its provider''s people; whose it is never changes (migration 0012).';

CREATE FUNCTION placement_proven() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    inside boolean := OLD.state IN ('accepted', 'arrived');
    entering boolean := NEW.state IN ('accepted', 'arrived') AND NOT inside;
BEGIN
    IF current_user = 'haven_app'
       AND (NOT may_write_placement(NEW.organisation_id, NEW.requested_by, NEW.household_id, entering)
            OR entering AND (OLD.state <> 'offered' OR NEW.decided_at IS DISTINCT FROM now())
            OR lower(NEW.period) <> lower(OLD.period)
            OR inside AND (NEW.decided_at IS DISTINCT FROM OLD.decided_at OR OLD.arrived_on IS NOT NULL AND NEW.arrived_on IS DISTINCT FROM OLD.arrived_on)) THEN
        PERFORM refuse_unproven();
    END IF;
    RETURN NEW;
END $$;
COMMENT ON FUNCTION placement_proven IS 'An act on a placement is of one of its two sides, an acceptance the provider''s; and the days by which an address is shown (vault.reveal_reason) are not set anew.';

CREATE FUNCTION case_access_proven() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_user = 'haven_app' AND NOT case_is_ours(coalesce(NEW.household_id, OLD.household_id)) THEN
        PERFORM refuse_unproven();
    ELSIF current_user = 'haven_app' AND TG_OP <> 'DELETE' THEN
        NEW.given_by := audit.me('account')::uuid;
    END IF;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;
COMMENT ON FUNCTION case_access_proven IS 'Who may see a case is said by people of its organisation, and by who asks.';

CREATE FUNCTION own_row_proven() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_user = 'haven_app' AND NOT (audit.proven() AND coalesce(NEW.account_id = audit.me('account')::uuid, false)) THEN
        PERFORM refuse_unproven();
    END IF;
    RETURN NEW;
END $$;
COMMENT ON FUNCTION own_row_proven IS 'An answer is stored for who asked.';

CREATE FUNCTION organisation_proven() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_user = 'haven_app' AND NOT may_administer(NEW.partnership_id) THEN
        PERFORM refuse_unproven();
    END IF;
    RETURN NEW;
END $$;
COMMENT ON FUNCTION organisation_proven IS 'Organisations are kept by the administrators of their partnership.';

-- Triggers fire in the order of their names: these before all others that could have an effect.
DO $$
DECLARE
    it record;
BEGIN
    FOR it IN SELECT * FROM (VALUES ('household', 'household_row_proven'), ('member', 'case_row_proven'), ('member_characteristic', 'case_row_proven'),
            ('unsafe_place', 'case_row_proven'), ('person_index', 'case_row_proven'), ('marac', 'case_row_proven'), ('consent', 'case_row_proven'),
            ('referral', 'case_row_proven'), ('case_access', 'case_row_proven'), ('property', 'supply_row_proven'), ('unit', 'supply_row_proven'),
            ('vacancy', 'supply_row_proven'), ('void_period', 'supply_row_proven'),
            ('placement', 'placement_proven'), ('idempotency', 'own_row_proven'), ('organisation', 'organisation_proven')) t (of_table, by_function)
    LOOP
        EXECUTE format('CREATE TRIGGER a_proven BEFORE INSERT OR UPDATE ON %I FOR EACH ROW EXECUTE FUNCTION %I()', it.of_table, it.by_function);
    END LOOP;
END $$;
CREATE TRIGGER a_proven_delete BEFORE DELETE ON case_access FOR EACH ROW EXECUTE FUNCTION case_row_proven();
CREATE TRIGGER b_given_by BEFORE INSERT OR UPDATE OR DELETE ON case_access FOR EACH ROW EXECUTE FUNCTION case_access_proven();

-- Trigger functions are run by triggers alone, those of the owner above all: a worker could hang them on a
-- table of its own.
DO $$
DECLARE
    f record;
BEGIN
    FOR f IN SELECT p.oid::regprocedure AS name FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
              WHERE p.prorettype = 'trigger'::regtype AND n.nspname IN ('public', 'audit', 'vault') LOOP
        EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC, haven_app', f.name);
    END LOOP;
    EXECUTE format('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC', current_database());
END $$;
REVOKE ALL ON FUNCTION may_write_case, may_write_supply, may_write_placement, may_administer, refuse_unproven FROM PUBLIC;
GRANT EXECUTE ON FUNCTION may_write_case, may_write_supply, may_write_placement, may_administer, refuse_unproven,
    audit.proven TO haven_app;
