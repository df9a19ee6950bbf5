-- The audit trail, and its seal: include/audit/chain.h says how that is made and why.

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
    xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    case_organisation_id uuid
);
COMMENT ON TABLE audit.event IS 'Every change and every read of a person''s record. Rows are only ever added.';
COMMENT ON COLUMN audit.event.id IS 'Order of recording.';
COMMENT ON COLUMN audit.event.at IS 'When.';
COMMENT ON COLUMN audit.event.account_id IS 'The person who did it; NULL for the operator''s tool and for jobs.';
COMMENT ON COLUMN audit.event.organisation_id IS 'The organisation that the person worked for.';
COMMENT ON COLUMN audit.event.request_id IS 'The request, as in the log.';
COMMENT ON COLUMN audit.event.action IS 'What was done.';
COMMENT ON COLUMN audit.event.subject_kind IS 'Table or resource.';
COMMENT ON COLUMN audit.event.subject_id IS 'Which one.';
COMMENT ON COLUMN audit.event.household_id IS 'The household that it is about, where there is one.';
COMMENT ON COLUMN audit.event.detail IS
    'Changed columns before and after; for a search its counts, policy and inputs hash.';
COMMENT ON COLUMN audit.event.xid IS 'The transaction that recorded it: the sealer waits until it has ended.';
COMMENT ON COLUMN audit.event.case_organisation_id IS
    'Of an event without an organisation: the organisation of its household, whose trail shows it.';
CREATE INDEX event_transaction ON audit.event (xid, id);
CREATE INDEX event_subject ON audit.event (subject_id, id);
CREATE INDEX event_household ON audit.event (household_id, id) WHERE household_id IS NOT NULL;
-- By action: a list of a rare one does not read all the others.
CREATE INDEX event_account ON audit.event (account_id, action, id);
CREATE INDEX event_trail ON audit.event (coalesce(organisation_id, case_organisation_id), action, id);

CREATE FUNCTION audit.refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit trail is append-only' USING ERRCODE = '42501';
END $$;
COMMENT ON FUNCTION audit.refuse IS 'Refuses every change of the audit trail.';

CREATE TRIGGER event_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit.event
    FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse();

CREATE FUNCTION touched_cases() RETURNS uuid[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
BEGIN
    RETURN ARRAY(SELECT DISTINCT e.household_id FROM audit.event e
                  WHERE e.xid = pg_current_xact_id() AND e.household_id IS NOT NULL);
END $$;
COMMENT ON FUNCTION touched_cases IS 'The households about which this transaction has recorded something.';
GRANT EXECUTE ON FUNCTION touched_cases TO haven_app;

CREATE FUNCTION audit.changes(before jsonb, after jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
    SELECT jsonb_object_agg(n.key, jsonb_build_array(before -> n.key, n.value))
      FROM jsonb_each(after) n
     WHERE before -> n.key IS DISTINCT FROM n.value
$$;
COMMENT ON FUNCTION audit.changes IS 'Columns whose value differs: {column: [before, after]}.';
GRANT EXECUTE ON FUNCTION audit.changes TO haven_app;

CREATE FUNCTION audit.record() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
DECLARE
    after jsonb := to_jsonb(CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END);
    subject uuid := after ->> 'id';
    household uuid := CASE WHEN TG_TABLE_NAME = 'household' THEN subject ELSE (after ->> 'household_id')::uuid END;
BEGIN
    -- a worker writes only for a proven caller; functions of the owner check the caller themselves
    PERFORM audit.caller();
    IF TG_OP = 'UPDATE' THEN
        after := audit.changes(to_jsonb(OLD), after);
    END IF;
    IF TG_NARGS > 0 THEN
        after := nullif(after - TG_ARGV, '{}');
    END IF;
    INSERT INTO audit.event (account_id, organisation_id, request_id, action, subject_kind, subject_id, household_id,
                             detail)
    VALUES (audit.me('account')::uuid, audit.me('organisation')::uuid, audit.me('request'), lower(TG_OP), TG_TABLE_NAME,
            subject, household, after);
    RETURN NULL;
END $$;
COMMENT ON FUNCTION audit.record IS
    'Records that a row changed, without the columns that its arguments name. A worker''s change without a proven '
    'caller is refused (HV401).';

CREATE TABLE audit.link (
    seq bigint PRIMARY KEY CHECK (seq > 0),
    event_id bigint NOT NULL UNIQUE,
    chain smallint NOT NULL CHECK (chain BETWEEN 0 AND 63),
    position bigint NOT NULL CHECK (position > 0),
    hash bytea NOT NULL CHECK (length(hash) = 32),
    UNIQUE (chain, position)
);
COMMENT ON TABLE audit.link IS
    'The links of the 64 chains of audit events. The vault writes them a moment after each event. No foreign key: a '
    'missing event must show.';
COMMENT ON COLUMN audit.link.seq IS 'Order over all chains, without a gap.';
COMMENT ON COLUMN audit.link.event_id IS 'The event.';
COMMENT ON COLUMN audit.link.chain IS 'By household, else subject, else account.';
COMMENT ON COLUMN audit.link.position IS 'Place in its chain, without a gap.';
COMMENT ON COLUMN audit.link.hash IS
    'BLAKE2b-256 over the hash of the link before it in its chain, seq, chain, position and every column of the event.';
CREATE TRIGGER link_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit.link
    FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse();

CREATE TABLE audit.head (
    number bigint PRIMARY KEY CHECK (number > 0),
    at timestamptz NOT NULL,
    links bigint NOT NULL CHECK (links >= 0),
    horizon xid8 NOT NULL,
    chains bytea NOT NULL CHECK (length(chains) = 32),
    previous bytea NOT NULL CHECK (length(previous) = 32),
    signature bytea NOT NULL CHECK (length(signature) = 64)
);
COMMENT ON TABLE audit.head IS 'Signed states of all chains, one a minute while the service runs.';
COMMENT ON COLUMN audit.head.number IS 'Without a gap.';
COMMENT ON COLUMN audit.head.at IS 'When it was signed.';
COMMENT ON COLUMN audit.head.links IS 'The last link that the signature covers.';
COMMENT ON COLUMN audit.head.horizon IS 'Every event of a transaction before this one has a link.';
COMMENT ON COLUMN audit.head.chains IS 'BLAKE2b-256 over position and hash of the last link of every chain.';
COMMENT ON COLUMN audit.head.previous IS 'BLAKE2b-256 of the head before; zeros for the first.';
COMMENT ON COLUMN audit.head.signature IS 'Ed25519 over all of the above, by a key that only the vault can derive.';
CREATE TRIGGER head_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit.head
    FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse();
