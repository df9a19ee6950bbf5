-- The caller: the settings of a request, and the proof that they come from a session's token.
--
--	haven_app	the workers: they see and change what the tables' guards allow
--	haven_board	the lists that a worker keeps in memory for searches: facts of every waiting household
--			and every open vacancy, without identity; it writes nothing
--	haven_vault	the vault's process: it signs people in, shows an address, seals the audit trail
--	haven_owner	migrations, the operator's tool, and the functions marked SECURITY DEFINER. It has
--			BYPASSRLS, so each of its functions checks the caller itself

CREATE FUNCTION audit.me(setting text) RETURNS text LANGUAGE sql STABLE AS
$$ SELECT nullif(current_setting('haven.' || setting, true), '') $$;
COMMENT ON FUNCTION audit.me IS
    'A setting of the current request (account, organisation, role, partners, request), or NULL.';
GRANT EXECUTE ON FUNCTION audit.me TO haven_app;

CREATE TABLE audit.proof_key (
    id integer PRIMARY KEY DEFAULT 1 CHECK (id = 1),
    key bytea NOT NULL DEFAULT decode(replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', ''), 'hex')
        CHECK (length(key) = 32)
);
COMMENT ON TABLE audit.proof_key IS 'One row, which the owner alone reads: the key that proofs are made with.';
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
COMMENT ON FUNCTION audit.proof IS
    'Keyed hash of the caller''s settings, valid for this transaction alone. A worker can set those settings, but it '
    'cannot make this hash: only a function of the owner makes it, after it has checked a session''s token.';

CREATE FUNCTION audit.proven() RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = audit, pg_temp AS $$
BEGIN
    -- a proof is valid for a minute: a transaction kept open must not outlive the end of its session
    RETURN session_user <> 'haven_app' OR audit.me('proof') IS NOT DISTINCT FROM audit.proof()
        AND clock_timestamp() < now() + interval '1 minute';
END $$;
COMMENT ON FUNCTION audit.proven IS
    'Whether the caller''s settings come with a valid proof. Always true of a role that is not a worker''s.';
GRANT EXECUTE ON FUNCTION audit.proven TO haven_app;

CREATE FUNCTION audit.caller() RETURNS uuid LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF NOT audit.proven() THEN
        RAISE EXCEPTION 'no session' USING ERRCODE = 'HV401';
    END IF;
    RETURN audit.me('account')::uuid;
END $$;
COMMENT ON FUNCTION audit.caller IS
    'The caller''s account; HV401 without a valid proof. For functions that record what they show.';

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
COMMENT ON FUNCTION audit.disown IS
    'For work that nobody asked for, or that is done for many people at once: without a proven caller, the rest of '
    'the transaction is recorded as nobody''s.';

CREATE FUNCTION my_organisation() RETURNS uuid LANGUAGE sql STABLE AS $$ SELECT audit.me('organisation')::uuid $$;
COMMENT ON FUNCTION my_organisation IS 'The caller''s organisation, or NULL without a caller.';
GRANT EXECUTE ON FUNCTION my_organisation TO haven_app;

CREATE FUNCTION my_partners() RETURNS uuid[] LANGUAGE sql STABLE AS $$ SELECT audit.me('partners')::uuid[] $$;
COMMENT ON FUNCTION my_partners IS 'The organisations of the caller''s partnership.';
GRANT EXECUTE ON FUNCTION my_partners TO haven_app;

-- What each kind of work allows. A role that is not named may do nothing. A test compares these functions,
-- role by role, with the sets of the same meaning that the route rows use (include/api/rights.h).
CREATE FUNCTION is_provider() RETURNS boolean LANGUAGE sql STABLE AS $$ SELECT audit.me('role') = 'provider' $$;
COMMENT ON FUNCTION is_provider IS 'Whether the caller is a provider: those see what is their organisation''s alone.';
GRANT EXECUTE ON FUNCTION is_provider TO haven_app;

CREATE FUNCTION may_place() RETURNS boolean LANGUAGE sql STABLE AS
$$ SELECT audit.me('role') IN ('housing_officer', 'navigator') $$;
COMMENT ON FUNCTION may_place IS 'Whether it is the caller''s work to find places for households.';
GRANT EXECUTE ON FUNCTION may_place TO haven_app;

CREATE FUNCTION sees_cases() RETURNS boolean LANGUAGE sql STABLE AS
$$ SELECT audit.me('role') IN ('housing_officer', 'navigator', 'sanctuary_coordinator') $$;
COMMENT ON FUNCTION sees_cases IS 'Whether it is the caller''s work to read cases.';
GRANT EXECUTE ON FUNCTION sees_cases TO haven_app;

CREATE FUNCTION sees_placements() RETURNS boolean LANGUAGE sql STABLE AS
$$ SELECT audit.me('role') IN ('housing_officer', 'navigator', 'sanctuary_coordinator', 'provider', 'finance_officer',
                               'finance_approver', 'analyst') $$;
COMMENT ON FUNCTION sees_placements IS
    'Whether the caller sees that placements happen, by case reference; also to know when a case was decided.';
GRANT EXECUTE ON FUNCTION sees_placements TO haven_app;

CREATE FUNCTION sees_supply() RETURNS boolean LANGUAGE sql STABLE AS
$$ SELECT audit.me('role') IN ('housing_officer', 'navigator', 'sanctuary_coordinator', 'provider', 'finance_officer',
                               'finance_approver', 'analyst') $$;
COMMENT ON FUNCTION sees_supply IS
    'Whether the caller sees properties, units and vacancies: to work with them, or as what a placement is of.';
GRANT EXECUTE ON FUNCTION sees_supply TO haven_app;

CREATE FUNCTION my_supply() RETURNS uuid[] LANGUAGE sql STABLE AS
$$ SELECT CASE WHEN is_provider() THEN ARRAY[my_organisation()] ELSE my_partners() END $$;
COMMENT ON FUNCTION my_supply IS 'The providers whose places the caller sees, if the caller sees supply.';
GRANT EXECUTE ON FUNCTION my_supply TO haven_app;

CREATE FUNCTION administers() RETURNS boolean LANGUAGE sql STABLE AS $$ SELECT audit.me('role') = 'administrator' $$;
COMMENT ON FUNCTION administers IS 'Whether the caller keeps accounts and organisations, and reviews alerts.';
GRANT EXECUTE ON FUNCTION administers TO haven_app;

CREATE FUNCTION reads_trail() RETURNS boolean LANGUAGE sql STABLE AS
$$ SELECT audit.me('role') IN ('administrator', 'finance_approver') $$;
COMMENT ON FUNCTION reads_trail IS 'Whether it is the caller''s work to read the audit trail.';
GRANT EXECUTE ON FUNCTION reads_trail TO haven_app;

CREATE FUNCTION counts_needs() RETURNS boolean LANGUAGE sql STABLE AS
$$ SELECT audit.me('role') IN ('housing_officer', 'navigator', 'sanctuary_coordinator', 'analyst') $$;
COMMENT ON FUNCTION counts_needs IS 'Whether the caller sees what searches ended with nothing to offer.';
GRANT EXECUTE ON FUNCTION counts_needs TO haven_app;

CREATE FUNCTION refuse_unproven() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the caller may not' USING ERRCODE = 'HV401';
END $$;
COMMENT ON FUNCTION refuse_unproven IS 'Raises HV401, as for a session that does not hold.';
GRANT EXECUTE ON FUNCTION refuse_unproven TO haven_app;
