-- The sealed audit trail: include/audit/chain.h says how it is made and why.

CREATE TABLE audit.link (
    seq bigint PRIMARY KEY CHECK (seq > 0),
    event_id bigint NOT NULL UNIQUE,
    chain smallint NOT NULL CHECK (chain BETWEEN 0 AND 63),
    position bigint NOT NULL CHECK (position > 0),
    hash bytea NOT NULL CHECK (length(hash) = 32),
    UNIQUE (chain, position)
);
COMMENT ON TABLE audit.link IS 'The links of the 64 chains of audit events, written by the vault a moment after each event. No foreign key: that an event is gone must show.';
COMMENT ON COLUMN audit.link.seq IS 'Order over all chains, without a gap.';
COMMENT ON COLUMN audit.link.event_id IS 'The event it links.';
COMMENT ON COLUMN audit.link.chain IS 'By household, else subject, else account.';
COMMENT ON COLUMN audit.link.position IS 'Place in its chain, without a gap.';
COMMENT ON COLUMN audit.link.hash IS 'BLAKE2b-256 over the hash of the link before it in its chain, seq, chain, position and every column of the event.';

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
COMMENT ON COLUMN audit.head.links IS 'The last link that it signs.';
COMMENT ON COLUMN audit.head.horizon IS 'Every event of a transaction before this one has a link.';
COMMENT ON COLUMN audit.head.chains IS 'BLAKE2b-256 over position and hash of the last link of every chain.';
COMMENT ON COLUMN audit.head.previous IS 'BLAKE2b-256 of the head before; zeros for the first.';
COMMENT ON COLUMN audit.head.signature IS 'Ed25519 over all of the above, by a key that only the vault can derive.';

CREATE TRIGGER link_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit.link
    FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse();
CREATE TRIGGER head_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit.head
    FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse();

GRANT USAGE ON SCHEMA audit TO haven_vault;
GRANT SELECT ON audit.event, audit.link, audit.head TO haven_vault;
GRANT INSERT ON audit.link, audit.head TO haven_vault;
