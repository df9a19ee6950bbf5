-- Organisations, accounts, sessions and idempotency keys, and the start of a request.

CREATE TABLE partnership (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    name text NOT NULL UNIQUE CHECK (name <> '')
);
COMMENT ON TABLE partnership IS
    'Councils and providers that share their supply (Domestic Abuse Act 2021 s. 58 local partnership).';
COMMENT ON COLUMN partnership.id IS 'Identity.';
COMMENT ON COLUMN partnership.name IS 'Public name.';
SELECT guard('partnership', 'open');

CREATE FUNCTION may_administer(partnership uuid) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
BEGIN
    RETURN audit.proven() AND coalesce(administers()
           AND partnership = (SELECT o.partnership_id FROM organisation o WHERE o.id = my_organisation()), false);
END $$;
COMMENT ON FUNCTION may_administer IS 'Whether the caller is proven and administers the partnership.';
GRANT EXECUTE ON FUNCTION may_administer TO haven_app;

CREATE FUNCTION organisation_proven() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_user = 'haven_app' AND NOT may_administer(NEW.partnership_id) THEN
        PERFORM refuse_unproven();
    END IF;
    RETURN NEW;
END $$;
COMMENT ON FUNCTION organisation_proven IS 'The administrators of a partnership keep its organisations.';

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
COMMENT ON COLUMN organisation.partnership_id IS 'The partnership with which it shares supply and demand.';
COMMENT ON COLUMN organisation.kind IS 'What it is to the partnership.';
COMMENT ON COLUMN organisation.name IS 'Public name; it does not give a location away.';
COMMENT ON COLUMN organisation.version IS 'Grows by one with each change; the ETag.';
COMMENT ON COLUMN organisation.created_at IS 'When it was recorded.';
SELECT guard('organisation', 'open', writes => 'insert, update', fixed => '{id,partnership_id,kind,created_at}',
             recorded => true, proven_by => 'organisation_proven');
GRANT SELECT ON organisation TO haven_board;

CREATE FUNCTION partners_of(organisation uuid) RETURNS uuid[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    RETURN ARRAY(SELECT o.id FROM organisation o
                  WHERE o.partnership_id = (SELECT m.partnership_id FROM organisation m WHERE m.id = organisation));
END $$;
COMMENT ON FUNCTION partners_of IS 'The organisations of the same partnership, including this one.';
GRANT EXECUTE ON FUNCTION partners_of TO haven_app;

CREATE FUNCTION is_partner(organisation uuid) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
BEGIN
    RETURN EXISTS (SELECT FROM organisation o JOIN organisation mine USING (partnership_id)
                    WHERE o.id = is_partner.organisation AND mine.id = my_organisation());
END $$;
COMMENT ON FUNCTION is_partner IS
    'Whether an organisation is one of my_partners(), of which a large partnership has a list that takes long to read.';
GRANT EXECUTE ON FUNCTION is_partner TO haven_app;

-- Workers cannot write accounts and sessions: functions of the owner do.
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
COMMENT ON COLUMN account.organisation_id IS 'The organisation that the person works for.';
COMMENT ON COLUMN account.username IS 'The name typed to sign in, in lower case.';
COMMENT ON COLUMN account.display_name IS 'The name that colleagues see.';
COMMENT ON COLUMN account.role IS 'The person''s work.';
COMMENT ON COLUMN account.password_hash IS 'argon2id, with its parameters.';
COMMENT ON COLUMN account.disabled_at IS 'When the account was closed, which ends its sessions at once.';
COMMENT ON COLUMN account.created_at IS 'When it was made.';
CREATE INDEX account_organisation ON account (organisation_id);
SELECT guard('account', 'open', unread => '{password_hash}', untold => '{password_hash}', recorded => true);

CREATE TABLE sign_in_failure (
    username_hash bytea PRIMARY KEY CHECK (length(username_hash) = 32),
    failures integer NOT NULL DEFAULT 1,
    failed_at timestamptz NOT NULL DEFAULT now(),
    locked_until timestamptz
);
COMMENT ON TABLE sign_in_failure IS
    'Wrong passwords by the username that was typed, whether or not the account exists, so that a lock-out tells '
    'nothing. Kept for a day.';
COMMENT ON COLUMN sign_in_failure.username_hash IS
    'SHA-256 of the username as typed: people type passwords into that field.';
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
COMMENT ON COLUMN session.account_id IS 'The person who signed in.';
COMMENT ON COLUMN session.token_hash IS
    'SHA-256 of the BLAKE2b-256 of the 256-bit token. A worker presents the inner hash, so what it reads here opens '
    'nothing.';
COMMENT ON COLUMN session.created_at IS 'Sign-in.';
COMMENT ON COLUMN session.seen_at IS 'Last use, to the minute.';
COMMENT ON COLUMN session.idle_minutes IS 'The session ends when it is unused for this long.';
COMMENT ON COLUMN session.expires_at IS 'The session ends by then.';
COMMENT ON COLUMN session.revoked_at IS 'When the person signed out, or an administrator ended it.';
CREATE INDEX session_account ON session (account_id);
CREATE INDEX session_end ON session (expires_at);
SELECT guard('session', 'open');
CREATE TRIGGER session_audit AFTER INSERT OR DELETE ON session
    FOR EACH ROW EXECUTE FUNCTION audit.record('token_hash');
CREATE TRIGGER session_revoked AFTER UPDATE ON session
    FOR EACH ROW WHEN (OLD.revoked_at IS DISTINCT FROM NEW.revoked_at) EXECUTE FUNCTION audit.record('token_hash');

CREATE FUNCTION account_moved() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    UPDATE session SET revoked_at = now() WHERE account_id = NEW.id AND revoked_at IS NULL;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION account_moved IS
    'A changed role or organisation takes effect at once: the person must sign in again.';

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
COMMENT ON TABLE idempotency IS
    'Answers of committed POSTs, so that a repeated request does nothing twice and gets the same answer. Kept for 7 '
    'days.';
COMMENT ON COLUMN idempotency.account_id IS 'The account that sent the key.';
COMMENT ON COLUMN idempotency.key IS 'SHA-256 of the Idempotency-Key.';
COMMENT ON COLUMN idempotency.request_hash IS
    'BLAKE2b-256 of path and body, keyed with the Idempotency-Key: the same key with another request is refused, and '
    'a reader of this table cannot guess the body.';
COMMENT ON COLUMN idempotency.status IS 'HTTP status of the answer.';
COMMENT ON COLUMN idempotency.location IS 'Location of the answer.';
COMMENT ON COLUMN idempotency.body IS 'Body of the answer.';
COMMENT ON COLUMN idempotency.cases IS
    'Households that the request was about. A caller who may no longer see one of them does not get the answer again.';
COMMENT ON COLUMN idempotency.created_at IS 'When the request was first committed.';
CREATE INDEX idempotency_age ON idempotency (created_at);
SELECT guard('idempotency', 'own', writes => 'insert, update', recorded => false, proven_by => 'own_row_proven');

-- ---- the start of a request ----

CREATE VIEW open_session WITH (security_invoker = true) AS
SELECT s.id, s.token_hash, s.account_id, s.seen_at, s.expires_at, a.organisation_id, a.role, a.display_name
  FROM session s JOIN account a ON a.id = s.account_id
 WHERE s.revoked_at IS NULL AND s.expires_at > clock_timestamp()
   AND s.seen_at + make_interval(mins => s.idle_minutes) > clock_timestamp() AND a.disabled_at IS NULL;
COMMENT ON VIEW open_session IS 'Sessions that hold: neither ended, expired nor idle for too long, of an open account.';
GRANT SELECT ON open_session TO haven_app;

-- Every request runs these, and they are planned once a connection. A plan made for the few rows of a young
-- table would scan it whole when it has grown. So these functions may use indexes only. An assignment is
-- evaluated directly, where a statement would have to be set up and run.
CREATE FUNCTION open_request(token bytea, request text) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_hashjoin = off
SET enable_mergejoin = off AS $$
DECLARE
    account uuid;
    organisation uuid;
    role text;
    partners uuid[];
    seen timestamptz;
    setting text;
BEGIN
    SELECT s.account_id, s.seen_at, s.organisation_id, s.role, partners_of(s.organisation_id)
      INTO account, seen, organisation, role, partners
      FROM open_session s WHERE s.token_hash = sha256(token);
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
        -- another request of the session may note the same: waiting for it could deadlock
        UPDATE session SET seen_at = now()
         WHERE id = (SELECT id FROM session WHERE token_hash = sha256(token) AND seen_at < now() - interval '1 minute'
                        FOR NO KEY UPDATE SKIP LOCKED);
    END IF;
    RETURN account;
END $$;
COMMENT ON FUNCTION open_request IS
    'Checks that the session holds (else HV401), notes its use, and sets the caller and the proof for the statements '
    'and triggers that follow. token is the BLAKE2b-256 of the token. Returns the account.';
GRANT EXECUTE ON FUNCTION open_request TO haven_app;

CREATE FUNCTION begin_request(token bytea, request text, idem_key text, idem_hash bytea)
RETURNS TABLE (session_id uuid, account_id uuid, organisation_id uuid, partnership_id uuid, role text,
               display_name text,
               organisation_name text, expires_at timestamptz)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_hashjoin = off
SET enable_mergejoin = off AS $$
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
COMMENT ON FUNCTION begin_request IS
    'Opens a request with an idempotency key, which must be new (else HV409). Returns the caller.';
GRANT EXECUTE ON FUNCTION begin_request TO haven_app;

-- ---- accounts and sessions changed through a worker, each by a proven caller ----

CREATE FUNCTION sign_out(session uuid) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
BEGIN
    UPDATE session s SET revoked_at = now()
     WHERE s.id = sign_out.session AND s.account_id = audit.me('account')::uuid AND s.revoked_at IS NULL;
    RETURN FOUND;
END $$;
COMMENT ON FUNCTION sign_out IS 'Ends one of the caller''s sessions.';
GRANT EXECUTE ON FUNCTION sign_out TO haven_app;

CREATE FUNCTION administered(account uuid) RETURNS uuid
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
BEGIN
    RETURN (SELECT a.id FROM account a WHERE a.id = administered.account AND administers()
               AND a.organisation_id = ANY (audit.me('partners')::uuid[]));
END $$;
COMMENT ON FUNCTION administered IS 'The account, where the caller administers its partnership; else NULL.';

CREATE FUNCTION sign_out_account(account uuid) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    person uuid := administered(account);
    n integer;
BEGIN
    UPDATE session s SET revoked_at = now() WHERE s.account_id = person AND s.revoked_at IS NULL;
    GET DIAGNOSTICS n = ROW_COUNT;
    RETURN CASE WHEN person IS NOT NULL THEN n END;
END $$;
COMMENT ON FUNCTION sign_out_account IS
    'Ends all sessions of an account that the caller administers, and counts them; NULL where there is no such '
    'account.';
GRANT EXECUTE ON FUNCTION sign_out_account TO haven_app;

CREATE VIEW account_view WITH (security_invoker = true) AS
SELECT a.id, a.username, a.display_name AS name, a.role, a.organisation_id, a.disabled_at IS NOT NULL AS disabled,
       utc(a.created_at) AS created_at
  FROM account a;
COMMENT ON VIEW account_view IS 'An account as administrators see it, without its password hash.';
GRANT SELECT ON account_view TO haven_app;

CREATE FUNCTION close_account(account uuid) RETURNS SETOF account_view
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
DECLARE
    person uuid := nullif(administered(account), audit.me('account')::uuid);
BEGIN
    -- the account first: this waits for a sign-in under way, and then ends its session with the others
    UPDATE account a SET disabled_at = now() WHERE a.id = person AND a.disabled_at IS NULL;
    PERFORM sign_out_account(person);
    RETURN QUERY SELECT * FROM account_view v WHERE v.id = person;
END $$;
COMMENT ON FUNCTION close_account IS
    'Closes an account that the caller administers, except their own, and ends its sessions. Every later request of '
    'that account is refused by disabled_at.';
GRANT EXECUTE ON FUNCTION close_account TO haven_app;

CREATE FUNCTION make_account(organisation uuid, username text, name text, role text,
                             hash text) RETURNS SETOF account_view
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
DECLARE
    made uuid;
BEGIN
    INSERT INTO account (organisation_id, username, display_name, role, password_hash)
    SELECT o.id, lower(make_account.username), make_account.name, make_account.role, hash FROM organisation o
     WHERE o.id = organisation AND o.id = ANY (audit.me('partners')::uuid[]) AND administers()
       AND o.kind = CASE WHEN make_account.role IN ('provider', 'contractor') THEN make_account.role ELSE 'council' END
    RETURNING account.id INTO made;
    RETURN QUERY SELECT * FROM account_view v WHERE v.id = made;
END $$;
COMMENT ON FUNCTION make_account IS
    'A new account in the caller''s partnership, where the caller administers it and the organisation''s kind has '
    'this role; else no row.';
GRANT EXECUTE ON FUNCTION make_account TO haven_app;
