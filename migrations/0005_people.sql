-- Organisations, accounts, sessions and idempotency keys: who there is, and how a request begins.

CREATE TABLE partnership (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    name text NOT NULL UNIQUE CHECK (name <> '')
);
COMMENT ON TABLE partnership IS 'Councils and providers that share their supply (Domestic Abuse Act 2021 s. 58 local partnership).';
COMMENT ON COLUMN partnership.id IS 'Identity.';
COMMENT ON COLUMN partnership.name IS 'Public name.';
SELECT guard('partnership', 'open');

CREATE FUNCTION may_administer(partnership uuid) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
BEGIN
    RETURN audit.proven() AND coalesce(audit.me('role') = 'administrator'
           AND partnership = (SELECT o.partnership_id FROM organisation o WHERE o.id = my_organisation()), false);
END $$;
COMMENT ON FUNCTION may_administer IS 'Whether who asks, proven, administers the partnership.';
GRANT EXECUTE ON FUNCTION may_administer TO haven_app;

CREATE FUNCTION organisation_proven() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_user = 'haven_app' AND NOT may_administer(NEW.partnership_id) THEN
        PERFORM refuse_unproven();
    END IF;
    RETURN NEW;
END $$;
COMMENT ON FUNCTION organisation_proven IS 'Organisations are kept by the administrators of their partnership.';

CREATE TABLE organisation (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    partnership_id uuid NOT NULL REFERENCES partnership,
    kind organisation_kind NOT NULL,
    name text NOT NULL CHECK (name <> ''),
    version integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (partnership_id, name)
);
COMMENT ON TABLE organisation IS 'A council, provider or contractor of a partnership.';
COMMENT ON COLUMN organisation.id IS 'Identity.';
COMMENT ON COLUMN organisation.partnership_id IS 'Partnership whose supply and demand it shares.';
COMMENT ON COLUMN organisation.kind IS 'What it is to the partnership.';
COMMENT ON COLUMN organisation.name IS 'Public name; gives no location away.';
COMMENT ON COLUMN organisation.version IS 'Grows by one with each change; the ETag.';
COMMENT ON COLUMN organisation.created_at IS 'When it was recorded.';
SELECT guard('organisation', 'open', writes => 'insert, update', fixed => '{id,partnership_id,kind,created_at}',
             recorded => true, proven_by => 'organisation_proven');
GRANT SELECT ON organisation TO haven_board;

CREATE FUNCTION partners_of(organisation uuid) RETURNS uuid[] LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    RETURN ARRAY(SELECT o.id FROM organisation o
                  WHERE o.partnership_id = (SELECT m.partnership_id FROM organisation m WHERE m.id = organisation));
END $$;
COMMENT ON FUNCTION partners_of IS 'The organisations of its partnership, itself among them.';
GRANT EXECUTE ON FUNCTION partners_of TO haven_app;

-- Who somebody is, and who is signed in, is not for a worker to say: functions of the owner do.
CREATE TABLE account (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    organisation_id uuid NOT NULL REFERENCES organisation,
    username text NOT NULL UNIQUE CHECK (length(username) BETWEEN 3 AND 64 AND username = lower(username)),
    display_name text NOT NULL CHECK (display_name <> ''),
    role role NOT NULL,
    password_hash text NOT NULL,
    disabled_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE account IS 'A person who signs in with a password kept here (single sign-on comes beside it).';
COMMENT ON COLUMN account.id IS 'Identity.';
COMMENT ON COLUMN account.organisation_id IS 'Whom the person works for.';
COMMENT ON COLUMN account.username IS 'What the person types to sign in, in lower case.';
COMMENT ON COLUMN account.display_name IS 'How colleagues see the person.';
COMMENT ON COLUMN account.role IS 'What the person''s work is.';
COMMENT ON COLUMN account.password_hash IS 'argon2id, with its parameters.';
COMMENT ON COLUMN account.disabled_at IS 'Set when the account was closed; ends its sessions at once.';
COMMENT ON COLUMN account.created_at IS 'When it was made.';
CREATE INDEX account_organisation ON account (organisation_id);
SELECT guard('account', 'open', unread => '{password_hash}', untold => '{password_hash}', recorded => true);

CREATE TABLE sign_in_failure (
    username_hash bytea PRIMARY KEY CHECK (length(username_hash) = 32),
    failures integer NOT NULL DEFAULT 1,
    failed_at timestamptz NOT NULL DEFAULT now(),
    locked_until timestamptz
);
COMMENT ON TABLE sign_in_failure IS 'Wrong passwords by what was typed as username, whether or not there is such an account: so a lock-out tells nothing. Kept a day.';
COMMENT ON COLUMN sign_in_failure.username_hash IS 'SHA-256 of what was typed: people type passwords there.';
COMMENT ON COLUMN sign_in_failure.failures IS 'Wrong passwords since the last right one.';
COMMENT ON COLUMN sign_in_failure.failed_at IS 'The last one.';
COMMENT ON COLUMN sign_in_failure.locked_until IS 'No sign-in before this instant.';
SELECT guard('sign_in_failure', 'owner');

CREATE TABLE session (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    account_id uuid NOT NULL REFERENCES account,
    token_hash bytea NOT NULL UNIQUE CHECK (length(token_hash) = 32),
    created_at timestamptz NOT NULL DEFAULT now(),
    seen_at timestamptz NOT NULL DEFAULT now(),
    idle_minutes integer NOT NULL CHECK (idle_minutes > 0),
    expires_at timestamptz NOT NULL,
    revoked_at timestamptz
) WITH (autovacuum_analyze_scale_factor = 0.02, autovacuum_vacuum_scale_factor = 0.05);
COMMENT ON TABLE session IS 'A signed-in browser or program. The token itself is never stored.';
COMMENT ON COLUMN session.id IS 'Identity.';
COMMENT ON COLUMN session.account_id IS 'Who signed in.';
COMMENT ON COLUMN session.token_hash IS 'SHA-256 of the BLAKE2b-256 of the 256-bit token. A worker shows the inner hash: what it reads here opens nothing.';
COMMENT ON COLUMN session.created_at IS 'Sign-in.';
COMMENT ON COLUMN session.seen_at IS 'Last use, to the minute.';
COMMENT ON COLUMN session.idle_minutes IS 'Ends when unused for as long.';
COMMENT ON COLUMN session.expires_at IS 'Ends at the latest.';
COMMENT ON COLUMN session.revoked_at IS 'Ended by sign-out or by an administrator.';
CREATE INDEX session_account ON session (account_id);
SELECT guard('session', 'open');
CREATE TRIGGER session_audit AFTER INSERT OR DELETE ON session
    FOR EACH ROW EXECUTE FUNCTION audit.record('token_hash');
CREATE TRIGGER session_revoked AFTER UPDATE ON session
    FOR EACH ROW WHEN (OLD.revoked_at IS DISTINCT FROM NEW.revoked_at) EXECUTE FUNCTION audit.record('token_hash');

CREATE FUNCTION account_moved() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    UPDATE session SET revoked_at = now() WHERE account_id = NEW.id AND revoked_at IS NULL;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION account_moved IS 'A changed role or organisation takes effect at once: the person signs in again.';

CREATE TRIGGER account_moved AFTER UPDATE OF role, organisation_id ON account FOR EACH ROW
    WHEN (OLD.role IS DISTINCT FROM NEW.role OR OLD.organisation_id IS DISTINCT FROM NEW.organisation_id)
    EXECUTE FUNCTION account_moved();

CREATE TABLE idempotency (
    account_id uuid NOT NULL REFERENCES account,
    key text COLLATE "C" NOT NULL CHECK (length(key) BETWEEN 1 AND 128),
    request_hash bytea NOT NULL CHECK (length(request_hash) = 32),
    status integer,
    location text,
    body text,
    cases uuid[] NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (account_id, key)
) WITH (autovacuum_analyze_scale_factor = 0.02, autovacuum_vacuum_scale_factor = 0.05);
COMMENT ON TABLE idempotency IS 'Answers of committed POSTs, so that a repeated request gets the same answer and does nothing twice. Kept 7 days.';
COMMENT ON COLUMN idempotency.account_id IS 'Whose key it is.';
COMMENT ON COLUMN idempotency.key IS 'SHA-256 of the Idempotency-Key.';
COMMENT ON COLUMN idempotency.request_hash IS 'BLAKE2b-256 of path and body, keyed with the Idempotency-Key: the same key with another request is refused, and nobody can try what the body was.';
COMMENT ON COLUMN idempotency.status IS 'HTTP status of the answer.';
COMMENT ON COLUMN idempotency.location IS 'Location of the answer.';
COMMENT ON COLUMN idempotency.body IS 'Body of the answer.';
COMMENT ON COLUMN idempotency.cases IS 'Households that the request was about: who may not see one any more does not get the answer again.';
COMMENT ON COLUMN idempotency.created_at IS 'When the request was first committed.';
CREATE INDEX idempotency_age ON idempotency (created_at);
SELECT guard('idempotency', 'own', writes => 'insert, update', recorded => false, proven_by => 'own_row_proven');

-- ---- how a request begins ----

-- What every request asks is planned once a connection and for ever: it must not be planned for the few
-- rows of a young table, which would be read whole when they are many. So these functions know indexes
-- only. What is assigned is evaluated at once, where a statement would be set up and run.
CREATE FUNCTION open_request(token bytea, request text) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
    account uuid;
    organisation uuid;
    role text;
    partners uuid[];
    seen timestamptz;
    setting text;
BEGIN
    SELECT s.account_id, s.seen_at, a.organisation_id, a.role, partners_of(a.organisation_id)
      INTO account, seen, organisation, role, partners
      FROM session s JOIN account a ON a.id = s.account_id
     WHERE s.token_hash = sha256(token) AND s.revoked_at IS NULL AND s.expires_at > clock_timestamp()
       AND s.seen_at + make_interval(mins => s.idle_minutes) > clock_timestamp() AND a.disabled_at IS NULL;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no session' USING ERRCODE = 'HV401';
    END IF;
    setting := set_config('haven.account', account::text, true);
    setting := set_config('haven.organisation', organisation::text, true);
    setting := set_config('haven.role', role, true);
    setting := set_config('haven.partners', partners::text, true);
    setting := set_config('haven.denied', '', true);
    setting := set_config('haven.opened', '', true);
    setting := set_config('haven.request', request, true);
    setting := set_config('haven.proof', audit.proof(), true);
    IF seen < now() - interval '1 minute' THEN
        -- another request of the session notes the same: waiting for it could be a dead-lock
        UPDATE session SET seen_at = now()
         WHERE id = (SELECT id FROM session WHERE token_hash = sha256(token) AND seen_at < now() - interval '1 minute'
                        FOR NO KEY UPDATE SKIP LOCKED);
    END IF;
    RETURN account;
END $$;
COMMENT ON FUNCTION open_request IS 'A request''s session still holds (else HV401) and is noted as in use; later statements and triggers know who asks, and that it was shown. token is the BLAKE2b-256 of the token. Returns the account.';
GRANT EXECUTE ON FUNCTION open_request TO haven_app;

CREATE FUNCTION begin_request(token bytea, request text, idem_key text, idem_hash bytea)
RETURNS TABLE (session_id uuid, account_id uuid, organisation_id uuid, partnership_id uuid, role text, display_name text,
               organisation_name text, expires_at timestamptz)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
#variable_conflict use_column
DECLARE
    me uuid := open_request(token, request);
BEGIN
    IF idem_key IS NOT NULL THEN
        INSERT INTO idempotency (account_id, key, request_hash) VALUES (me, idem_key, idem_hash) ON CONFLICT DO NOTHING;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'key already used' USING ERRCODE = 'HV409';
        END IF;
    END IF;
    RETURN QUERY
    SELECT s.id, a.id, o.id, o.partnership_id, a.role::text, a.display_name, o.name, s.expires_at
      FROM session s JOIN account a ON a.id = s.account_id JOIN organisation o ON o.id = a.organisation_id
     WHERE s.token_hash = sha256(token);
END $$;
COMMENT ON FUNCTION begin_request IS 'The same, and its idempotency key is new (else HV409); returns who asks.';
GRANT EXECUTE ON FUNCTION begin_request TO haven_app;

-- ---- what a signed-in person changes, by a worker: each for a proven session (audit.proof) ----

CREATE FUNCTION sign_out(session uuid) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
BEGIN
    UPDATE session s SET revoked_at = now() WHERE s.id = sign_out.session AND s.account_id = audit.me('account')::uuid AND s.revoked_at IS NULL;
    RETURN FOUND;
END $$;
COMMENT ON FUNCTION sign_out IS 'Ends a session of who asks.';
GRANT EXECUTE ON FUNCTION sign_out TO haven_app;

CREATE FUNCTION administered(account uuid) RETURNS uuid LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
BEGIN
    RETURN (SELECT a.id FROM account a WHERE a.id = administered.account AND audit.me('role') = 'administrator'
               AND a.organisation_id = ANY (audit.me('partners')::uuid[]));
END $$;
COMMENT ON FUNCTION administered IS 'The account, where who asks administers the partnership that it is of; else NULL.';

CREATE FUNCTION sign_out_account(account uuid) RETURNS integer LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    whose uuid := administered(account);
    n integer;
BEGIN
    UPDATE session s SET revoked_at = now() WHERE s.account_id = whose AND s.revoked_at IS NULL;
    GET DIAGNOSTICS n = ROW_COUNT;
    RETURN CASE WHEN whose IS NOT NULL THEN n END;
END $$;
COMMENT ON FUNCTION sign_out_account IS 'Ends all sessions of an account that who asks administers, and counts them; NULL where there is none.';
GRANT EXECUTE ON FUNCTION sign_out_account TO haven_app;

-- Accounts as they are shown: not with their password hashes.
CREATE VIEW account_view WITH (security_invoker = true) AS
SELECT a.id, a.username, a.display_name AS name, a.role, a.organisation_id, a.disabled_at IS NOT NULL AS disabled, utc(a.created_at) AS created_at
  FROM account a;
COMMENT ON VIEW account_view IS 'An account as administrators see it.';
GRANT SELECT ON account_view TO haven_app;

CREATE FUNCTION close_account(account uuid) RETURNS SETOF account_view LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
DECLARE
    whose uuid := nullif(administered(account), audit.me('account')::uuid);
BEGIN
    -- the account first: a sign-in that is under way is waited for, and its session ends with the others
    UPDATE account a SET disabled_at = now() WHERE a.id = whose AND a.disabled_at IS NULL;
    PERFORM sign_out_account(whose);
    RETURN QUERY SELECT * FROM account_view v WHERE v.id = whose;
END $$;
COMMENT ON FUNCTION close_account IS 'Closes an account that who asks administers, but not one''s own, and ends its sessions. Every batch of theirs already asks for disabled_at.';
GRANT EXECUTE ON FUNCTION close_account TO haven_app;

CREATE FUNCTION make_account(organisation uuid, username text, name text, role text, hash text) RETURNS SETOF account_view
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
DECLARE
    made uuid;
BEGIN
    INSERT INTO account (organisation_id, username, display_name, role, password_hash)
    SELECT o.id, lower(make_account.username), make_account.name, make_account.role, hash FROM organisation o
     WHERE o.id = organisation AND o.id = ANY (audit.me('partners')::uuid[]) AND audit.me('role') = 'administrator'
       AND o.kind = CASE WHEN make_account.role IN ('provider', 'contractor') THEN make_account.role ELSE 'council' END
    RETURNING account.id INTO made;
    RETURN QUERY SELECT * FROM account_view v WHERE v.id = made;
END $$;
COMMENT ON FUNCTION make_account IS 'A new account in the partnership of the administrator who asks, in an organisation of a kind that has this role; else no row.';
GRANT EXECUTE ON FUNCTION make_account TO haven_app;
