-- What the database roles may do. The workers add and change, they never delete; they add
-- sealed values to the vault and read wrapped keys there, and read the audit trail, but can
-- neither read the vault nor change the trail.

CREATE FUNCTION vault.key_of(kind text, subject uuid)
RETURNS TABLE (organisation_id uuid, wrapped bytea, destroyed boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = vault, public, pg_temp AS $$
    SELECT k.organisation_id, k.wrapped, k.destroyed_at IS NOT NULL
      FROM vault.data_key k WHERE k.subject_id = subject AND k.subject_kind = kind
$$;
COMMENT ON FUNCTION vault.key_of IS 'The wrapped key of one subject: only the vault process can open it.';

CREATE FUNCTION vault.may_put(kind text, subject uuid, organisation uuid) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
BEGIN
    RETURN session_user <> 'haven_app' OR audit.proven()
       AND CASE WHEN kind = 'property' THEN coalesce(is_provider() AND organisation = my_organisation(), false)
                ELSE coalesce(sees_cases() AND organisation = ANY (my_partners()), false)
                     AND NOT case_hidden(subject, audit.me('account')::uuid) END;
END $$;
COMMENT ON FUNCTION vault.may_put IS 'Whether who asks, proven, may seal values of the subject: of a property its provider, of a household who sees the case. Others than workers may.';

CREATE FUNCTION vault.put_key(kind text, subject uuid, organisation uuid, key bytea) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = vault, public, pg_temp AS $$
BEGIN
    IF NOT vault.may_put(kind, subject, organisation) THEN
        RAISE EXCEPTION 'nobody who may' USING ERRCODE = 'HV401';
    END IF;
    INSERT INTO vault.root_key (id) VALUES (encode(substring(key FROM 2 FOR 8), 'hex')) ON CONFLICT DO NOTHING;
    INSERT INTO vault.data_key (subject_id, subject_kind, organisation_id, wrapped) VALUES (subject, kind, organisation, key)
    ON CONFLICT DO NOTHING;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the subject has a key already' USING ERRCODE = 'serialization_failure';
    END IF;
END $$;
COMMENT ON FUNCTION vault.put_key IS 'The first key of a subject. Where another came first, the request runs again and seals with that one.';

CREATE FUNCTION vault.hold_key(kind text, subject uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = vault, public, pg_temp AS $$
DECLARE
    whose uuid;
BEGIN
    SELECT k.organisation_id INTO whose FROM vault.data_key k
     WHERE k.subject_id = subject AND k.subject_kind = kind AND k.wrapped IS NOT NULL FOR SHARE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the subject has no key' USING ERRCODE = 'serialization_failure';
    ELSIF NOT vault.may_put(kind, subject, whose) THEN
        RAISE EXCEPTION 'nobody who may' USING ERRCODE = 'HV401';
    END IF;
END $$;
COMMENT ON FUNCTION vault.hold_key IS 'A sealed value is stored only where its key is, by who may (else HV401), and the key stays until the transaction ends.';

CREATE FUNCTION vault.put_address(property uuid, sealed bytea) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = vault, public, audit, pg_temp AS $$
    SELECT vault.hold_key('property', property);
    INSERT INTO vault.property_address VALUES (property, sealed)
    ON CONFLICT (property_id) DO UPDATE SET sealed = excluded.sealed;
    INSERT INTO audit.event (account_id, organisation_id, request_id, action, subject_kind, subject_id)
    VALUES (audit.me('account')::uuid, audit.me('organisation')::uuid, audit.me('request'), 'update', 'property_address', property)
$$;
COMMENT ON FUNCTION vault.put_address IS 'Records where a property is, and that it was recorded; nothing reads it back.';

CREATE FUNCTION vault.put_person(member uuid, household uuid, sealed bytea) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = vault, public, pg_temp AS $$
    SELECT vault.hold_key('household', household);
    INSERT INTO vault.person VALUES (member, household, sealed)
    ON CONFLICT (member_id) DO UPDATE SET sealed = excluded.sealed
$$;
COMMENT ON FUNCTION vault.put_person IS 'Records who a member is; nothing reads it back.';

CREATE FUNCTION vault.put_contact(id uuid, household uuid, sealed bytea) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = vault, public, pg_temp AS $$
    SELECT vault.hold_key('household', household);
    INSERT INTO vault.safe_contact (id, household_id, sealed) VALUES (id, household, sealed)
$$;
COMMENT ON FUNCTION vault.put_contact IS 'Records how a household may be reached; nothing reads it back.';

CREATE FUNCTION vault.put_party(id uuid, household uuid, sealed bytea) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = vault, public, pg_temp AS $$
    SELECT vault.hold_key('household', household);
    INSERT INTO vault.party (id, household_id, sealed) VALUES (id, household, sealed)
$$;
COMMENT ON FUNCTION vault.put_party IS 'Records what a perpetrator looks like and drives; nothing reads it back.';

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA public, vault, audit FROM PUBLIC;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public, audit, vault TO haven_app;
GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA public TO haven_app;
REVOKE INSERT, UPDATE ON change_log, decision_limit, district, district_neighbour, partnership, provider_answer FROM haven_app;
REVOKE UPDATE ON consent, organisation FROM haven_app;
-- Who somebody is, and who is signed in, is not for a worker to say (migration 0014).
REVOKE ALL ON account, session, sign_in_failure FROM haven_app;
GRANT SELECT (id, organisation_id, username, display_name, role, disabled_at, created_at) ON account TO haven_app;
GRANT SELECT ON session TO haven_app;
GRANT UPDATE (name, version) ON organisation TO haven_app;
GRANT SELECT ON audit.event TO haven_app;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public, vault TO haven_app;
GRANT EXECUTE ON FUNCTION audit.me, audit.changes TO haven_app;
REVOKE EXECUTE ON FUNCTION take_hold, settle_accepted, settle_given_back, settle_departed, vault.hold_key, vault.may_put FROM haven_app;
GRANT USAGE ON SCHEMA public, vault TO haven_vault;
GRANT SELECT ON ALL TABLES IN SCHEMA vault TO haven_vault;
