-- The Flexible Flee Fund's ledger: pots, their years, and every movement of money between accounts.
--
-- An amount is in exactly one account: free, committed, in payment, paid. So what is left is the balance of one row,
-- and no figure can be counted twice. A movement is one row from one account to another, so that all balances add up
-- to nothing by their shape. Rows are only added; a correction is the mirror of a posting.
--
-- The order of locks, everywhere: household, request, commitments by id, accounts by id.

-- ---- pots and their years ----

CREATE FUNCTION fund.year_of(day date) RETURNS integer LANGUAGE sql IMMUTABLE AS
$$ SELECT extract(year FROM day - interval '3 months')::integer $$;
COMMENT ON FUNCTION fund.year_of IS 'The financial year of a day, named by the year of its 1 April.';
GRANT EXECUTE ON FUNCTION fund.year_of TO haven_app;

CREATE FUNCTION fund.first_day(year integer) RETURNS date LANGUAGE sql IMMUTABLE AS $$ SELECT make_date(year, 4, 1) $$;
COMMENT ON FUNCTION fund.first_day IS 'The 1 April with which a financial year begins.';
GRANT EXECUTE ON FUNCTION fund.first_day TO haven_app;

CREATE FUNCTION fund.year_named(year integer) RETURNS text LANGUAGE sql IMMUTABLE AS
$$ SELECT year || '-' || right((year + 1)::text, 2) $$;
COMMENT ON FUNCTION fund.year_named IS 'A financial year as people write it: 2026-27.';
GRANT EXECUTE ON FUNCTION fund.year_named TO haven_app;

CREATE FUNCTION fund.day_in(year integer) RETURNS date LANGUAGE sql STABLE AS
$$ SELECT least(greatest(today(), fund.first_day(year)), fund.first_day(year + 1) - 1) $$;
COMMENT ON FUNCTION fund.day_in IS 'The day of a financial year that is nearest to today.';

CREATE TABLE fund.pot (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    organisation_id uuid NOT NULL REFERENCES organisation,
    name text NOT NULL CHECK (name <> ''),
    funder text NOT NULL CHECK (funder <> ''),
    categories text[] NOT NULL CHECK (cardinality(categories) > 0),
    spenders uuid[] NOT NULL DEFAULT '{}',
    carry fund_carry NOT NULL DEFAULT 'lapse',
    provisional_percent integer NOT NULL DEFAULT 25 CHECK (provisional_percent BETWEEN 0 AND 100),
    cost_centre text,
    gl_code text,
    version integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pot_name_once UNIQUE (organisation_id, name)
);
COMMENT ON TABLE fund.pot IS
    'Money of one funder with one set of rules; each financial year of it has accounts of its own.';
COMMENT ON COLUMN fund.pot.id IS 'Identity.';
COMMENT ON COLUMN fund.pot.organisation_id IS
    'The organisation that keeps it: its finance people post, approve and pay.';
COMMENT ON COLUMN fund.pot.name IS 'What people call it.';
COMMENT ON COLUMN fund.pot.funder IS 'Who gives the money.';
COMMENT ON COLUMN fund.pot.categories IS 'Codes of fund_category that it may be spent on.';
COMMENT ON COLUMN fund.pot.spenders IS 'Organisations whose cases it may be asked for; empty: all of the partnership.';
COMMENT ON COLUMN fund.pot.carry IS 'What becomes of money that is free at the end of a year.';
COMMENT ON COLUMN fund.pot.provisional_percent IS
    'Share of a provisional year''s expected budget that may be promised before the year is open.';
COMMENT ON COLUMN fund.pot.cost_centre IS 'Cost centre of the general ledger; text, since zeros may lead.';
COMMENT ON COLUMN fund.pot.gl_code IS 'Account of the general ledger.';
COMMENT ON COLUMN fund.pot.version IS 'Grows by one with each change; the ETag.';
COMMENT ON COLUMN fund.pot.created_at IS 'When it was set up.';
SELECT guard('fund.pot', 'alone');
CREATE POLICY spenders ON fund.pot FOR SELECT TO haven_app
    USING ((SELECT sees_fund())
           AND (organisation_id = (SELECT my_organisation())
                OR organisation_id IN (SELECT unnest(my_partners()))
                   AND (spenders = '{}' OR (SELECT my_organisation()) = ANY (spenders))));

CREATE TABLE fund.pot_year (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    pot_id uuid NOT NULL REFERENCES fund.pot,
    organisation_id uuid NOT NULL REFERENCES organisation,
    year integer NOT NULL CHECK (year BETWEEN 2000 AND 2200),
    state pot_state NOT NULL DEFAULT 'planned',
    version integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pot_year_once UNIQUE (pot_id, year)
);
COMMENT ON TABLE fund.pot_year IS 'One financial year of a pot.';
COMMENT ON COLUMN fund.pot_year.id IS 'Identity.';
COMMENT ON COLUMN fund.pot_year.pot_id IS 'The pot.';
COMMENT ON COLUMN fund.pot_year.organisation_id IS 'The organisation that keeps the pot.';
COMMENT ON COLUMN fund.pot_year.year IS 'The year of the 1 April with which it begins.';
COMMENT ON COLUMN fund.pot_year.state IS 'Planned, provisional, open, soft-closed or closed.';
COMMENT ON COLUMN fund.pot_year.version IS 'Grows by one with each change; the ETag.';
COMMENT ON COLUMN fund.pot_year.created_at IS 'When it was set up.';
SELECT guard('fund.pot_year', 'alone');
CREATE POLICY spenders ON fund.pot_year FOR SELECT TO haven_app
    USING ((SELECT sees_fund()) AND pot_id IN (SELECT p.id FROM fund.pot p));

-- ---- accounts, postings, transfers ----

CREATE TABLE fund.account (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    organisation_id uuid NOT NULL REFERENCES organisation,
    pot_year_id uuid REFERENCES fund.pot_year,
    kind fund_account NOT NULL,
    balance bigint NOT NULL DEFAULT 0,
    version bigint NOT NULL DEFAULT 0,
    CONSTRAINT account_once UNIQUE NULLS NOT DISTINCT (organisation_id, pot_year_id, kind),
    CONSTRAINT account_of_pot
        CHECK ((pot_year_id IS NULL) = (kind IN ('suspense', 'bank_seen', 'vat_reclaimable'))),
    CONSTRAINT account_sign CHECK (CASE WHEN kind IN ('granted', 'recovered') THEN balance <= 0
                                        WHEN kind IN ('suspense', 'bank_seen') THEN true ELSE balance >= 0 END)
) WITH (fillfactor = 50);
COMMENT ON TABLE fund.account IS
    'Where money is. The balance is the sum of the transfers; `haven ledger verify` adds them up again.';
COMMENT ON COLUMN fund.account.id IS 'Identity, and the order in which accounts are locked.';
COMMENT ON COLUMN fund.account.organisation_id IS 'The organisation that keeps it.';
COMMENT ON COLUMN fund.account.pot_year_id IS 'The year of a pot; NULL for an account of the organisation.';
COMMENT ON COLUMN fund.account.kind IS 'What the money in it is.';
COMMENT ON COLUMN fund.account.balance IS 'Pence.';
COMMENT ON COLUMN fund.account.version IS 'The number of transfers that touched it.';
CREATE INDEX account_pot_year ON fund.account (pot_year_id);
SELECT guard('fund.account', 'alone', recorded => false);
CREATE POLICY spenders ON fund.account FOR SELECT TO haven_app
    USING ((SELECT sees_books()) AND organisation_id = (SELECT my_organisation())
           OR (SELECT sees_fund()) AND pot_year_id IN (SELECT y.id FROM fund.pot_year y));

CREATE TABLE fund.posting (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    seq bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    organisation_id uuid NOT NULL REFERENCES organisation,
    act fund_act NOT NULL,
    cause fund_cause NOT NULL,
    cause_id uuid NOT NULL,
    household_id uuid REFERENCES household,
    value_on date NOT NULL,
    booked_at timestamptz NOT NULL DEFAULT now(),
    account_id uuid REFERENCES account,
    key text,
    fingerprint text,
    reverses uuid UNIQUE REFERENCES fund.posting,
    digest bytea NOT NULL CHECK (length(digest) = 32)
);
COMMENT ON TABLE fund.posting IS 'An act on the ledger: what moved money, for what, on which day. Rows are only added.';
COMMENT ON COLUMN fund.posting.id IS 'Identity.';
COMMENT ON COLUMN fund.posting.seq IS 'Order.';
COMMENT ON COLUMN fund.posting.organisation_id IS 'The organisation whose ledger it is.';
COMMENT ON COLUMN fund.posting.act IS 'What it does.';
COMMENT ON COLUMN fund.posting.cause IS 'What kind of thing it is for.';
COMMENT ON COLUMN fund.posting.cause_id IS 'The thing that it is for.';
COMMENT ON COLUMN fund.posting.household_id IS
    'The household that it is for, where it is for one: its trail has the posting.';
COMMENT ON COLUMN fund.posting.value_on IS 'The London day that it belongs to: its financial year is the posting''s.';
COMMENT ON COLUMN fund.posting.booked_at IS 'When it was booked.';
COMMENT ON COLUMN fund.posting.account_id IS 'The person; NULL for work that nobody asked for.';
COMMENT ON COLUMN fund.posting.key IS 'SHA-256 of the Idempotency-Key of the request that booked it.';
COMMENT ON COLUMN fund.posting.fingerprint IS 'Keyed hash of that request''s path and body.';
COMMENT ON COLUMN fund.posting.reverses IS 'The posting that this one takes back; each once.';
COMMENT ON COLUMN fund.posting.digest IS
    'SHA-256 over act, cause, day and transfers (fund.digest_of()). The audit trail has it too, in its hash chain.';
CREATE INDEX posting_cause ON fund.posting (cause_id, seq);
CREATE INDEX posting_listed ON fund.posting (organisation_id, seq);
SELECT guard('fund.posting', 'books', untold => '{key,fingerprint}', erase => 'kept');

CREATE TABLE fund.transfer (
    posting_id uuid NOT NULL REFERENCES fund.posting,
    n smallint NOT NULL CHECK (n > 0),
    seq bigint NOT NULL,
    pot_year_id uuid REFERENCES fund.pot_year,
    from_account bigint NOT NULL REFERENCES fund.account,
    to_account bigint NOT NULL REFERENCES fund.account,
    amount bigint NOT NULL CHECK (amount > 0),
    from_version bigint NOT NULL,
    from_after bigint NOT NULL,
    to_version bigint NOT NULL,
    to_after bigint NOT NULL,
    PRIMARY KEY (posting_id, n),
    CONSTRAINT transfer_moves CHECK (from_account <> to_account),
    CONSTRAINT transfer_from_once UNIQUE (from_account, from_version),
    CONSTRAINT transfer_to_once UNIQUE (to_account, to_version)
);
COMMENT ON TABLE fund.transfer IS 'A movement of money from one account to another. Rows are only added.';
COMMENT ON COLUMN fund.transfer.posting_id IS 'The posting that it is part of.';
COMMENT ON COLUMN fund.transfer.n IS 'Place in its posting.';
COMMENT ON COLUMN fund.transfer.seq IS 'The order of its posting.';
COMMENT ON COLUMN fund.transfer.pot_year_id IS
    'The pot''s year from whose account it goes; NULL for one of an organisation.';
COMMENT ON COLUMN fund.transfer.from_account IS 'Where the money was.';
COMMENT ON COLUMN fund.transfer.to_account IS 'Where it is now.';
COMMENT ON COLUMN fund.transfer.amount IS 'Pence.';
COMMENT ON COLUMN fund.transfer.from_version IS 'Which transfer of that account it is.';
COMMENT ON COLUMN fund.transfer.from_after IS 'That account''s balance afterwards.';
COMMENT ON COLUMN fund.transfer.to_version IS 'Which transfer of that account it is.';
COMMENT ON COLUMN fund.transfer.to_after IS 'That account''s balance afterwards.';
CREATE INDEX transfer_listed ON fund.transfer (pot_year_id, seq);
SELECT guard('fund.transfer', 'alone', recorded => false);
CREATE POLICY books ON fund.transfer FOR SELECT TO haven_app
    USING ((SELECT sees_books()) AND posting_id IN (SELECT p.id FROM fund.posting p));

CREATE FUNCTION fund.refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the ledger is append-only' USING ERRCODE = '42501';
END $$;
COMMENT ON FUNCTION fund.refuse IS 'Refuses every change of what the ledger has booked.';
CREATE TRIGGER posting_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON fund.posting
    FOR EACH STATEMENT EXECUTE FUNCTION fund.refuse();
CREATE TRIGGER transfer_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON fund.transfer
    FOR EACH STATEMENT EXECUTE FUNCTION fund.refuse();

-- ---- posting ----

CREATE TYPE fund.movement AS (from_account bigint, to_account bigint, amount bigint);
COMMENT ON TYPE fund.movement IS 'A transfer to be made: pence from one account to another.';

CREATE FUNCTION fund.digest_of(act fund_act, cause fund_cause, cause_id uuid, value_on date, moves fund.movement[])
RETURNS bytea LANGUAGE sql IMMUTABLE AS $$
    SELECT sha256(convert_to(concat_ws('|', act, cause, cause_id, to_char(value_on, 'YYYY-MM-DD'),
        (SELECT string_agg(m.from_account || '>' || m.to_account || ':' || m.amount, ',' ORDER BY m.n)
           FROM unnest(moves) WITH ORDINALITY m (from_account, to_account, amount, n))), 'UTF8'))
$$;
COMMENT ON FUNCTION fund.digest_of IS 'SHA-256 of what a posting says.';

CREATE FUNCTION fund.account_of(of_year uuid, of_kind fund_account) RETURNS bigint LANGUAGE sql STABLE AS
$$ SELECT a.id FROM fund.account a WHERE a.pot_year_id = of_year AND a.kind = of_kind $$;
COMMENT ON FUNCTION fund.account_of IS 'An account of a pot''s year.';

-- All accounts are locked first, in their order, then everything is checked, then written: what is refused has
-- changed nothing. A source (granted, recovered) may always give; nothing else gives what it has not.
CREATE FUNCTION fund.post(act fund_act, cause fund_cause, cause_id uuid, value_on date, moves fund.movement[],
                          home uuid DEFAULT NULL, reverses uuid DEFAULT NULL) RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE
    posting uuid := gen_random_uuid();
    keeper uuid;
    m fund.movement;
    source record;
    target record;
    n smallint := 0;
    place bigint;
BEGIN
    PERFORM FROM fund.account a
      WHERE a.id IN (SELECT unnest(ARRAY[v.from_account, v.to_account]) FROM unnest(moves) v)
      ORDER BY a.id FOR NO KEY UPDATE;
    IF EXISTS (SELECT FROM fund.account a
                 JOIN (SELECT e.id, sum(e.amount) AS net
                         FROM unnest(moves) v
                        CROSS JOIN LATERAL (VALUES (v.from_account, -v.amount), (v.to_account, v.amount)) e (id, amount)
                        GROUP BY e.id) s ON s.id = a.id
                WHERE CASE WHEN a.kind IN ('granted', 'recovered') THEN a.balance + s.net > 0
                           WHEN a.kind IN ('suspense', 'bank_seen') THEN false ELSE a.balance + s.net < 0 END) THEN
        RETURN NULL;
    END IF;
    SELECT a.organisation_id INTO STRICT keeper FROM fund.account a WHERE a.id = moves[1].from_account;
    INSERT INTO fund.posting (id, organisation_id, act, cause, cause_id, household_id, value_on, account_id, key,
                              fingerprint, reverses, digest)
    VALUES (posting, keeper, act, cause, cause_id, home, value_on, audit.me('account')::uuid, audit.me('key'),
            audit.me('fingerprint'), reverses, fund.digest_of(act, cause, cause_id, value_on, moves))
    RETURNING seq INTO place;
    FOREACH m IN ARRAY moves LOOP
        n := n + 1;
        UPDATE fund.account a SET balance = a.balance - m.amount, version = a.version + 1 WHERE a.id = m.from_account
        RETURNING a.version, a.balance, a.pot_year_id INTO STRICT source;
        UPDATE fund.account a SET balance = a.balance + m.amount, version = a.version + 1 WHERE a.id = m.to_account
        RETURNING a.version, a.balance INTO STRICT target;
        INSERT INTO fund.transfer VALUES (posting, n, place, source.pot_year_id, m.from_account, m.to_account, m.amount,
                                          source.version, source.balance, target.version, target.balance);
    END LOOP;
    RETURN posting;
END $$;
COMMENT ON FUNCTION fund.post IS
    'Books an act: all of its movements, or none, and NULL where an account has not enough. The caller''s right is for '
    'the calling function to check.';

CREATE FUNCTION fund.moved(of_year uuid, source fund_account, target fund_account, amount bigint)
RETURNS fund.movement LANGUAGE sql STABLE AS
$$ SELECT ROW(fund.account_of(of_year, source), fund.account_of(of_year, target), amount)::fund.movement $$;
COMMENT ON FUNCTION fund.moved IS 'A movement between two accounts of a pot''s year.';
