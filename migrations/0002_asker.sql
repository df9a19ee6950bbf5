-- Who asks: the settings of a request, and the proof that a session's token was shown for them.
--
--	haven_app	the workers: see and change what the tables' guards say
--	haven_board	the lists that a worker keeps in memory for searches: facts of all that wait and of
--			all that is offered, no identity, nothing to write
--	haven_vault	the vault's process: signs people in, shows an address, seals the audit trail
--	haven_owner	migrations, the operator's tool, and the functions marked SECURITY DEFINER: has
--			BYPASSRLS, each function checks for itself

CREATE FUNCTION audit.me(setting text) RETURNS text LANGUAGE sql STABLE AS
$$ SELECT nullif(current_setting('haven.' || setting, true), '') $$;
COMMENT ON FUNCTION audit.me IS 'A setting of the current request (account, organisation, role, partners, request), or NULL.';
GRANT EXECUTE ON FUNCTION audit.me TO haven_app;

CREATE TABLE audit.proof_key (
    id integer PRIMARY KEY DEFAULT 1 CHECK (id = 1),
    key bytea NOT NULL DEFAULT decode(replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', ''), 'hex') CHECK (length(key) = 32)
);
COMMENT ON TABLE audit.proof_key IS 'One row, which the owner alone reads: what the proof of a session is signed with.';
COMMENT ON COLUMN audit.proof_key.id IS 'The one row.';
COMMENT ON COLUMN audit.proof_key.key IS '244 random bits.';
INSERT INTO audit.proof_key DEFAULT VALUES;

CREATE FUNCTION audit.proof() RETURNS text LANGUAGE plpgsql STABLE AS $$
DECLARE
    key bytea := (SELECT k.key FROM audit.proof_key k WHERE k.id = 1);
BEGIN
    RETURN encode(sha256(key || sha256(key || convert_to(concat_ws('|', pg_current_xact_id(),
        coalesce(audit.me('account'), '-'), coalesce(audit.me('organisation'), '-'), coalesce(audit.me('role'), '-'),
        coalesce(audit.me('partners'), '-')), 'UTF8'))), 'hex');
END $$;
COMMENT ON FUNCTION audit.proof IS 'Keyed hash of who asks, good for this transaction alone. A worker sets the settings that row security reads, but cannot make this: the function that opens a request does, for a session''s token.';

CREATE FUNCTION audit.proven() RETURNS boolean LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = audit, pg_temp AS $$
BEGIN
    -- for a minute: a transaction that is kept open does not outlive what ends a session
    RETURN session_user <> 'haven_app' OR audit.me('proof') IS NOT DISTINCT FROM audit.proof() AND clock_timestamp() < now() + interval '1 minute';
END $$;
COMMENT ON FUNCTION audit.proven IS 'Whether the settings of who asks are what the opening of the request or disown() made them, in this transaction. Always for who is not a worker.';
GRANT EXECUTE ON FUNCTION audit.proven TO haven_app;

CREATE FUNCTION audit.asker() RETURNS uuid LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF NOT audit.proven() THEN
        RAISE EXCEPTION 'no session' USING ERRCODE = 'HV401';
    END IF;
    RETURN audit.me('account')::uuid;
END $$;
COMMENT ON FUNCTION audit.asker IS 'The account of who asks, proven (else HV401): for functions that record what they show.';

CREATE FUNCTION audit.disown() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    setting text;
BEGIN
    IF NOT audit.proven() THEN
        setting := set_config('haven.account', '', true);
        setting := set_config('haven.organisation', '', true);
        setting := set_config('haven.role', '', true);
        setting := set_config('haven.partners', '', true);
        setting := set_config('haven.proof', audit.proof(), true);
    END IF;
END $$;
COMMENT ON FUNCTION audit.disown IS 'For what is done unasked, or for many people at once: unless somebody proven asks, what the transaction changes is from here on nobody''s.';

CREATE FUNCTION my_organisation() RETURNS uuid LANGUAGE sql STABLE AS $$ SELECT audit.me('organisation')::uuid $$;
COMMENT ON FUNCTION my_organisation IS 'For whom who asks works; NULL where nobody asks.';
GRANT EXECUTE ON FUNCTION my_organisation TO haven_app;

CREATE FUNCTION my_partners() RETURNS uuid[] LANGUAGE sql STABLE AS $$ SELECT audit.me('partners')::uuid[] $$;
COMMENT ON FUNCTION my_partners IS 'The organisations of the partnership of who asks.';
GRANT EXECUTE ON FUNCTION my_partners TO haven_app;

CREATE FUNCTION sees_cases() RETURNS boolean LANGUAGE sql STABLE AS
$$ SELECT audit.me('role') IN ('housing_officer', 'navigator', 'sanctuary_coordinator') $$;
COMMENT ON FUNCTION sees_cases IS 'Whether it is the work of who asks to read cases.';
GRANT EXECUTE ON FUNCTION sees_cases TO haven_app;

CREATE FUNCTION is_provider() RETURNS boolean LANGUAGE sql STABLE AS $$ SELECT audit.me('role') = 'provider' $$;
COMMENT ON FUNCTION is_provider IS 'Whether who asks is a provider: they see what is their organisation''s alone.';
GRANT EXECUTE ON FUNCTION is_provider TO haven_app;

CREATE FUNCTION refuse_unproven() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'nobody who may' USING ERRCODE = 'HV401';
END $$;
COMMENT ON FUNCTION refuse_unproven IS 'HV401, as for a session that does not hold.';
GRANT EXECUTE ON FUNCTION refuse_unproven TO haven_app;
