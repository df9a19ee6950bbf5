-- Organisations, accounts, sessions, idempotency keys and the audit trail.

CREATE TABLE partnership (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    name text NOT NULL UNIQUE CHECK (name <> '')
);
COMMENT ON TABLE partnership IS 'Councils and providers that share their supply (Domestic Abuse Act 2021 s. 58 local partnership).';
COMMENT ON COLUMN partnership.id IS 'Identity.';
COMMENT ON COLUMN partnership.name IS 'Public name.';

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

CREATE TABLE session (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    account_id uuid NOT NULL REFERENCES account,
    token_hash bytea NOT NULL UNIQUE CHECK (length(token_hash) = 32),
    created_at timestamptz NOT NULL DEFAULT now(),
    seen_at timestamptz NOT NULL DEFAULT now(),
    idle_minutes integer NOT NULL CHECK (idle_minutes > 0),
    expires_at timestamptz NOT NULL,
    revoked_at timestamptz
);
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
);
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

CREATE TABLE audit.event (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    account_id uuid,
    organisation_id uuid,
    request_id text,
    action text NOT NULL CHECK (action IN ('insert', 'update', 'delete', 'read', 'search', 'person_search',
        'reveal', 'break_glass', 'erase', 'sign_in', 'sign_in_failed', 'sign_out')),
    subject_kind text NOT NULL,
    subject_id uuid,
    household_id uuid,
    detail jsonb,
    xid xid8 NOT NULL DEFAULT pg_current_xact_id()
);
COMMENT ON TABLE audit.event IS 'Every change and every read of a person''s record. Rows are only ever added.';
COMMENT ON COLUMN audit.event.id IS 'Order of recording.';
COMMENT ON COLUMN audit.event.at IS 'When.';
COMMENT ON COLUMN audit.event.account_id IS 'Who; NULL for the operator''s tool and for jobs.';
COMMENT ON COLUMN audit.event.organisation_id IS 'For whom that person worked.';
COMMENT ON COLUMN audit.event.request_id IS 'The request, as in the log.';
COMMENT ON COLUMN audit.event.action IS 'What was done.';
COMMENT ON COLUMN audit.event.subject_kind IS 'Table or resource.';
COMMENT ON COLUMN audit.event.subject_id IS 'Which one.';
COMMENT ON COLUMN audit.event.household_id IS 'The household it tells about, where there is one.';
COMMENT ON COLUMN audit.event.detail IS 'Changed columns before and after; of a search its counts, policy and inputs hash.';
COMMENT ON COLUMN audit.event.xid IS 'The transaction that recorded it: the sealer waits until it is decided (migration 0008).';
CREATE INDEX event_transaction ON audit.event (xid, id);
CREATE INDEX event_subject ON audit.event (subject_id, id);
CREATE INDEX event_household ON audit.event (household_id, id) WHERE household_id IS NOT NULL;
CREATE INDEX event_account ON audit.event (account_id, id);

CREATE FUNCTION touched_cases() RETURNS uuid[] LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
BEGIN
    RETURN ARRAY(SELECT DISTINCT e.household_id FROM audit.event e WHERE e.xid = pg_current_xact_id() AND e.household_id IS NOT NULL);
END $$;
COMMENT ON FUNCTION touched_cases IS 'The households that this transaction has recorded something of.';

CREATE FUNCTION audit.refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit trail is append-only' USING ERRCODE = '42501';
END $$;
COMMENT ON FUNCTION audit.refuse IS 'Refuses changes of the audit trail, whoever asks.';
CREATE TRIGGER event_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit.event
    FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse();

CREATE FUNCTION audit.me(setting text) RETURNS text LANGUAGE sql STABLE AS
$$ SELECT nullif(current_setting('haven.' || setting, true), '') $$;
COMMENT ON FUNCTION audit.me IS 'A setting of the current request (account, organisation, role, partners, request), or NULL.';

CREATE TABLE audit.proof_key (
    id integer PRIMARY KEY DEFAULT 1 CHECK (id = 1),
    key bytea NOT NULL DEFAULT decode(replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', ''), 'hex') CHECK (length(key) = 32)
);
COMMENT ON TABLE audit.proof_key IS 'One row, which the owner alone reads: what open_request() signs with.';
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
COMMENT ON FUNCTION audit.proof IS 'Keyed hash of who asks, good for this transaction alone. A worker sets the settings that row security reads, but can not make this: open_request() does, for a session''s token.';

CREATE FUNCTION audit.proven() RETURNS boolean LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = audit, pg_temp AS $$
BEGIN
    -- for a minute: a transaction that is kept open does not outlive what ends a session
    RETURN session_user <> 'haven_app' OR audit.me('proof') IS NOT DISTINCT FROM audit.proof() AND clock_timestamp() < now() + interval '1 minute';
END $$;
COMMENT ON FUNCTION audit.proven IS 'Whether the settings of who asks are what open_request() or disown() made them, in this transaction. Always for who is not a worker.';

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

CREATE FUNCTION audit.changes(before jsonb, after jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
    SELECT jsonb_object_agg(n.key, jsonb_build_array(before -> n.key, n.value))
      FROM jsonb_each(after) n
     WHERE before -> n.key IS DISTINCT FROM n.value
$$;
COMMENT ON FUNCTION audit.changes IS 'Columns whose value differs: {column: [before, after]}.';

CREATE FUNCTION audit.record() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
DECLARE
    after jsonb := to_jsonb(CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END);
    subject uuid := after ->> 'id';
    household uuid := CASE WHEN TG_TABLE_NAME = 'household' THEN subject ELSE (after ->> 'household_id')::uuid END;
BEGIN
    -- what a worker writes is by somebody whose token it was shown, or by a function of the owner's
    PERFORM audit.asker();
    IF TG_OP = 'UPDATE' THEN
        after := audit.changes(to_jsonb(OLD), after);
    END IF;
    IF TG_NARGS > 0 THEN
        after := nullif(after - TG_ARGV, '{}');
    END IF;
    INSERT INTO audit.event (account_id, organisation_id, request_id, action, subject_kind, subject_id, household_id, detail)
    VALUES (audit.me('account')::uuid, audit.me('organisation')::uuid, audit.me('request'), lower(TG_OP), TG_TABLE_NAME,
            subject, household, after);
    RETURN NULL;
END $$;
COMMENT ON FUNCTION audit.record IS 'Records a row''s change; its arguments name columns that are left out. A worker''s change that nobody''s session stands behind is refused (HV401).';

CREATE FUNCTION partners_of(organisation uuid) RETURNS uuid[] LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    RETURN ARRAY(SELECT o.id FROM organisation o
                  WHERE o.partnership_id = (SELECT m.partnership_id FROM organisation m WHERE m.id = organisation));
END $$;
COMMENT ON FUNCTION partners_of IS 'The organisations of its partnership, itself among them.';

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
