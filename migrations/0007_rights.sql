-- What the database roles may do. The workers add and change, they never delete; they add to the
-- vault and to the audit trail, and read the trail, but can neither read the vault nor change the trail.

CREATE FUNCTION vault.put_address(property uuid, address text, postcode text, access_note text) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = vault, public, pg_temp AS $$
    INSERT INTO vault.property_address VALUES (property, address, postcode, access_note)
    ON CONFLICT (property_id) DO UPDATE SET address = excluded.address, postcode = excluded.postcode, access_note = excluded.access_note
$$;
COMMENT ON FUNCTION vault.put_address IS 'Records where a property is; nothing reads it back.';

CREATE FUNCTION vault.put_person(member uuid, household uuid, name text, birth_date date) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = vault, public, pg_temp AS $$
    INSERT INTO vault.person VALUES (member, household, name, birth_date)
    ON CONFLICT (member_id) DO UPDATE SET name = excluded.name, birth_date = excluded.birth_date
$$;
COMMENT ON FUNCTION vault.put_person IS 'Records who a member is; nothing reads it back.';

CREATE FUNCTION vault.put_contact(household uuid, phone text, hours text, voicemail boolean, code_word text) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = vault, public, pg_temp AS $$
    INSERT INTO vault.safe_contact (household_id, phone, hours, voicemail, code_word)
    VALUES (household, phone, hours, voicemail, code_word)
$$;
COMMENT ON FUNCTION vault.put_contact IS 'Records how a household may be reached; nothing reads it back.';

CREATE FUNCTION vault.put_party(household uuid, description text, vehicle text) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = vault, public, pg_temp AS $$
    INSERT INTO vault.party (household_id, description, vehicle) VALUES (household, description, vehicle)
$$;
COMMENT ON FUNCTION vault.put_party IS 'Records what a perpetrator looks like and drives; nothing reads it back.';

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA public, vault, audit FROM PUBLIC;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public, audit, vault TO haven_app;
GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA public TO haven_app;
REVOKE INSERT, UPDATE ON change_log, decision_limit, district, district_neighbour, partnership, provider_answer FROM haven_app;
REVOKE UPDATE ON account, consent, organisation, session FROM haven_app;
-- Who somebody is, for whom they work and in which role, is set once or by the operator's tool.
GRANT UPDATE (password_hash, disabled_at) ON account TO haven_app;
GRANT UPDATE (name, version) ON organisation TO haven_app;
GRANT UPDATE (revoked_at) ON session TO haven_app;
GRANT DELETE ON sign_in_failure TO haven_app;
GRANT SELECT, INSERT ON audit.event TO haven_app;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public, vault TO haven_app;
GRANT EXECUTE ON FUNCTION audit.me, audit.changes TO haven_app;
REVOKE EXECUTE ON FUNCTION take_hold FROM haven_app;
GRANT USAGE ON SCHEMA public, vault TO haven_vault;
GRANT SELECT ON ALL TABLES IN SCHEMA vault TO haven_vault;
