-- The export of the fund to the council's general ledger: which acts go there, batches, and their lines as they were
-- written, so that a batch is the same each time it is read. Each posting is exported once.

CREATE DOMAIN gl_outcome AS text CHECK (VALUE IN ('done', 'none', 'nothing', 'no_codes'));
COMMENT ON DOMAIN gl_outcome IS 'What became of making a batch for the general ledger.';

-- ---- what goes there ----

CREATE TABLE fund.gl_setting (
    organisation_id uuid PRIMARY KEY REFERENCES organisation,
    clearing_code text NOT NULL CHECK (clearing_code <> ''),
    vat_code text NOT NULL DEFAULT '',
    batches integer NOT NULL DEFAULT 0,
    version integer NOT NULL DEFAULT 2
);
COMMENT ON TABLE fund.gl_setting IS 'How an organisation''s general ledger takes what the fund did.';
COMMENT ON COLUMN fund.gl_setting.organisation_id IS 'The organisation.';
COMMENT ON COLUMN fund.gl_setting.clearing_code IS
    'Account of the general ledger that stands against the pot''s: the bank, or creditors.';
COMMENT ON COLUMN fund.gl_setting.vat_code IS 'VAT code of every line; empty where the ledger has none.';
COMMENT ON COLUMN fund.gl_setting.batches IS 'How many batches were made.';
COMMENT ON COLUMN fund.gl_setting.version IS
    'Grows by one with each change; the ETag. 1 is what stands before anybody has said anything, without a row.';
SELECT guard('fund.gl_setting', 'books');

CREATE TABLE fund.gl_act (
    organisation_id uuid NOT NULL REFERENCES organisation,
    act fund_act NOT NULL,
    counts_from timestamptz NOT NULL,
    PRIMARY KEY (organisation_id, act)
);
COMMENT ON TABLE fund.gl_act IS
    'Acts that go to the general ledger, of what was booked from an instant on. Where an organisation has none: '
    'confirm, bounce, recover, lapse and carry, of all that was booked. A reversal goes where its act went.';
COMMENT ON COLUMN fund.gl_act.organisation_id IS 'The organisation.';
COMMENT ON COLUMN fund.gl_act.act IS 'The act.';
COMMENT ON COLUMN fund.gl_act.counts_from IS 'From when on.';
SELECT guard('fund.gl_act', 'books');

CREATE FUNCTION fund.gl_acts(organisation uuid) RETURNS TABLE (act fund_act, counts_from timestamptz)
LANGUAGE sql STABLE ROWS 5 AS $$
    SELECT a.act, a.counts_from FROM fund.gl_act a WHERE a.organisation_id = organisation
     UNION ALL
    SELECT d.act, '-infinity' FROM unnest(ARRAY['confirm', 'bounce', 'recover', 'lapse', 'carry']) d (act)
     WHERE NOT EXISTS (SELECT FROM fund.gl_act a WHERE a.organisation_id = organisation)
$$;
COMMENT ON FUNCTION fund.gl_acts IS 'The acts of an organisation that go to the general ledger, and since when.';
GRANT EXECUTE ON FUNCTION fund.gl_acts TO haven_app;

CREATE FUNCTION fund.gl_side(act fund_act, source fund_account, target fund_account) RETURNS integer
LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN target IN ('paid', 'lapsed', 'carried_out', 'recovered') THEN 1
                WHEN source IN ('paid', 'lapsed', 'carried_out', 'recovered') THEN -1
                WHEN source = 'granted' AND act = 'carry' THEN -1
                WHEN source = 'free' AND target = 'committed' THEN 1
                WHEN source = 'committed' AND target = 'free' THEN -1 ELSE 0 END
$$;
COMMENT ON FUNCTION fund.gl_side IS
    'What a movement is to the pot''s account of the general ledger: 1 a debit, -1 a credit, 0 nothing, since the '
    'ledger does not know the accounts it is between.';

-- ---- batches ----

CREATE TABLE fund.gl_batch (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    organisation_id uuid NOT NULL REFERENCES organisation,
    n integer NOT NULL CHECK (n > 0),
    reference text NOT NULL GENERATED ALWAYS AS ('GL-' || lpad(n::text, 6, '0')) STORED,
    from_seq bigint NOT NULL,
    to_seq bigint NOT NULL,
    lines integer NOT NULL CHECK (lines > 0),
    debit bigint NOT NULL,
    credit bigint NOT NULL,
    made_by uuid NOT NULL REFERENCES account,
    made_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT gl_batch_once UNIQUE (organisation_id, n),
    CONSTRAINT gl_batch_balances CHECK (debit = credit)
);
COMMENT ON TABLE fund.gl_batch IS 'A file for the general ledger. Rows are only added.';
COMMENT ON COLUMN fund.gl_batch.id IS 'Identity.';
COMMENT ON COLUMN fund.gl_batch.organisation_id IS 'The organisation whose ledger it is for.';
COMMENT ON COLUMN fund.gl_batch.n IS 'Its number, without gaps.';
COMMENT ON COLUMN fund.gl_batch.reference IS 'The same as the file has it.';
COMMENT ON COLUMN fund.gl_batch.from_seq IS 'The first posting in it.';
COMMENT ON COLUMN fund.gl_batch.to_seq IS
    'The last one. A posting between them that was committed later is in a later batch.';
COMMENT ON COLUMN fund.gl_batch.lines IS 'How many lines it has.';
COMMENT ON COLUMN fund.gl_batch.debit IS 'Pence, all debits.';
COMMENT ON COLUMN fund.gl_batch.credit IS 'Pence, all credits: the same.';
COMMENT ON COLUMN fund.gl_batch.made_by IS 'The person who made it.';
COMMENT ON COLUMN fund.gl_batch.made_at IS 'When.';
SELECT guard('fund.gl_batch', 'books');

CREATE TABLE fund.gl_line (
    batch_id uuid NOT NULL REFERENCES fund.gl_batch,
    n integer NOT NULL CHECK (n > 0),
    posting_id uuid NOT NULL REFERENCES fund.posting,
    transfer smallint NOT NULL,
    side smallint NOT NULL CHECK (side IN (1, -1)),
    booked_on date NOT NULL,
    value_on date NOT NULL,
    period text NOT NULL,
    gl_code text NOT NULL,
    cost_centre text NOT NULL,
    pot text NOT NULL,
    funder text NOT NULL,
    category fund_category,
    case_reference text NOT NULL,
    debit bigint NOT NULL CHECK (debit >= 0),
    credit bigint NOT NULL CHECK (credit >= 0),
    vat_code text NOT NULL,
    vat bigint NOT NULL,
    reference text NOT NULL,
    reverses uuid REFERENCES fund.posting,
    PRIMARY KEY (batch_id, n),
    CONSTRAINT gl_line_once UNIQUE (posting_id, transfer, side),
    CONSTRAINT gl_line_one_side CHECK ((debit > 0) <> (credit > 0) AND (debit > 0) = (side = 1))
);
COMMENT ON TABLE fund.gl_line IS
    'A line of a batch as it was written: codes and names are those of that day. Rows are only added.';
COMMENT ON COLUMN fund.gl_line.batch_id IS 'The batch.';
COMMENT ON COLUMN fund.gl_line.n IS 'Order.';
COMMENT ON COLUMN fund.gl_line.posting_id IS 'The posting.';
COMMENT ON COLUMN fund.gl_line.transfer IS 'Which movement of it.';
COMMENT ON COLUMN fund.gl_line.side IS '1 the debit, -1 the credit.';
COMMENT ON COLUMN fund.gl_line.booked_on IS 'The London day on which it was booked.';
COMMENT ON COLUMN fund.gl_line.value_on IS 'The day that it belongs to.';
COMMENT ON COLUMN fund.gl_line.period IS 'Financial year and month of it: 202608 is November 2026, April is 01.';
COMMENT ON COLUMN fund.gl_line.gl_code IS 'Account of the general ledger.';
COMMENT ON COLUMN fund.gl_line.cost_centre IS 'Cost centre of the pot.';
COMMENT ON COLUMN fund.gl_line.pot IS 'Name of the pot.';
COMMENT ON COLUMN fund.gl_line.funder IS 'Who gave the money.';
COMMENT ON COLUMN fund.gl_line.category IS 'What it was for, where that is known.';
COMMENT ON COLUMN fund.gl_line.case_reference IS
    'Finance''s reference of the request, which is another one each time; never a case''s own.';
COMMENT ON COLUMN fund.gl_line.debit IS 'Pence.';
COMMENT ON COLUMN fund.gl_line.credit IS 'Pence.';
COMMENT ON COLUMN fund.gl_line.vat_code IS 'VAT code.';
COMMENT ON COLUMN fund.gl_line.vat IS 'Pence of VAT in it.';
COMMENT ON COLUMN fund.gl_line.reference IS 'The number of the posting.';
COMMENT ON COLUMN fund.gl_line.reverses IS 'The posting that this one takes back.';
SELECT guard('fund.gl_line', 'alone', recorded => false);
CREATE POLICY books ON fund.gl_line FOR SELECT TO haven_app
    USING ((SELECT sees_books()) AND batch_id IN (SELECT b.id FROM fund.gl_batch b));

CREATE TRIGGER gl_batch_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON fund.gl_batch
    FOR EACH STATEMENT EXECUTE FUNCTION fund.refuse();
CREATE TRIGGER gl_line_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON fund.gl_line
    FOR EACH STATEMENT EXECUTE FUNCTION fund.refuse();

CREATE FUNCTION fund.gl_due(organisation uuid)
RETURNS TABLE (posting_id uuid, transfer smallint, seq bigint, pot_year_id uuid, amount bigint, side integer)
LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    SELECT p.id, t.n, p.seq, coalesce(f.pot_year_id, g.pot_year_id), t.amount, s.side
      FROM fund.posting p
      LEFT JOIN fund.posting o ON o.id = p.reverses
      JOIN fund.gl_acts(organisation) a
        ON a.act = coalesce(o.act, p.act) AND p.booked_at >= a.counts_from
      JOIN fund.transfer t ON t.posting_id = p.id
      JOIN fund.account f ON f.id = t.from_account
      JOIN fund.account g ON g.id = t.to_account
     CROSS JOIN LATERAL (SELECT fund.gl_side(coalesce(o.act, p.act), f.kind, g.kind) AS side) s
     WHERE p.organisation_id = organisation AND s.side <> 0
       AND NOT EXISTS (SELECT FROM fund.gl_line l WHERE l.posting_id = p.id AND l.transfer = t.n);
END $$;
COMMENT ON FUNCTION fund.gl_due IS
    'The movements of an organisation that go to its general ledger and are in no batch.';

CREATE FUNCTION fund.gl_uncoded(organisation uuid) RETURNS SETOF text LANGUAGE sql STABLE AS $$
    SELECT DISTINCT p.name FROM fund.gl_due(organisation) d JOIN fund.pot_year y ON y.id = d.pot_year_id
      JOIN fund.pot p ON p.id = y.pot_id
     WHERE coalesce(p.gl_code, '') = '' OR coalesce(p.cost_centre, '') = '' ORDER BY 1
$$;
COMMENT ON FUNCTION fund.gl_uncoded IS 'Pots with something to export that have no cost centre, or no account.';

CREATE FUNCTION fund.period_of(day date) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT fund.year_of(day) || to_char(day - interval '3 months', 'MM')
$$;
COMMENT ON FUNCTION fund.period_of IS 'Financial year and month of a day: 202608 is November 2026, April is 01.';

CREATE FUNCTION fund.fill_batch(batch uuid, rule fund.gl_setting) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    n integer;
BEGIN
    INSERT INTO fund.gl_line
    SELECT batch, row_number() OVER (ORDER BY d.seq, d.transfer, e.side DESC), d.posting_id, d.transfer, e.side,
           (p.booked_at AT TIME ZONE 'Europe/London')::date, p.value_on, fund.period_of(p.value_on),
           CASE WHEN e.side = d.side THEN t.gl_code ELSE rule.clearing_code END, t.cost_centre, t.name, t.funder,
           fund.category_of(p.cause, p.cause_id), coalesce(r.reference, ''),
           CASE WHEN e.side = 1 THEN d.amount ELSE 0 END, CASE WHEN e.side = -1 THEN d.amount ELSE 0 END,
           rule.vat_code, 0, p.seq::text, p.reverses
      FROM fund.gl_due(rule.organisation_id) d
      JOIN fund.posting p ON p.id = d.posting_id
      JOIN fund.pot_year y ON y.id = d.pot_year_id
      JOIN fund.pot t ON t.id = y.pot_id
      LEFT JOIN fund.request r ON p.cause = 'request' AND r.id = p.cause_id
     CROSS JOIN (VALUES (1), (-1)) e (side);
    GET DIAGNOSTICS n = ROW_COUNT;
    RETURN n;
END $$;
COMMENT ON FUNCTION fund.fill_batch IS 'Writes the lines of a batch, a debit and a credit of each movement.';

-- The row of the batch is made of its lines, and the lines name the batch: the constraint waits until both are there.
ALTER TABLE fund.gl_line ALTER CONSTRAINT gl_line_batch_id_fkey DEFERRABLE INITIALLY DEFERRED;

CREATE FUNCTION fund.make_batch(OUT outcome gl_outcome, OUT id uuid, OUT pots text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
#variable_conflict use_column
DECLARE
    me uuid := audit.caller();
    rule fund.gl_setting;
    made uuid := gen_random_uuid();
BEGIN
    IF me IS NULL OR NOT keeps_fund() THEN
        outcome := 'none';
        RETURN;
    END IF;
    -- one batch of an organisation at a time
    SELECT * INTO rule FROM fund.gl_setting s WHERE s.organisation_id = my_organisation() FOR NO KEY UPDATE;
    pots := (SELECT string_agg(u, ', ') FROM fund.gl_uncoded(my_organisation()) u);
    IF rule.organisation_id IS NULL OR pots IS NOT NULL THEN
        outcome := 'no_codes';
        RETURN;
    ELSIF fund.fill_batch(made, rule) = 0 THEN
        outcome := 'nothing';
        RETURN;
    END IF;
    INSERT INTO fund.gl_batch (id, organisation_id, n, from_seq, to_seq, lines, debit, credit, made_by)
    SELECT made, rule.organisation_id, rule.batches + 1, min(l.reference::bigint), max(l.reference::bigint), count(*),
           sum(l.debit), sum(l.credit), me
      FROM fund.gl_line l WHERE l.batch_id = made;
    UPDATE fund.gl_setting s SET batches = rule.batches + 1 WHERE s.organisation_id = rule.organisation_id;
    outcome := 'done';
    id := made;
END $$;
COMMENT ON FUNCTION fund.make_batch IS
    'Writes what is due to the general ledger of the caller''s organisation into a batch. no_codes: the settings are '
    'missing, or pots that have no codes (pots).';
GRANT EXECUTE ON FUNCTION fund.make_batch TO haven_app;

CREATE FUNCTION fund.set_gl(seen integer, item jsonb) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
DECLARE
    ours uuid := my_organisation();
    wanted text[] := ARRAY(SELECT jsonb_array_elements_text(item -> 'acts'));
BEGIN
    IF audit.caller() IS NULL OR NOT keeps_fund() THEN
        RETURN NULL;
    END IF;
    INSERT INTO fund.gl_setting AS s (organisation_id, clearing_code, vat_code)
    VALUES (ours, item ->> 'clearing_code', coalesce(item ->> 'vat_code', ''))
    ON CONFLICT (organisation_id) DO UPDATE
       SET clearing_code = excluded.clearing_code, vat_code = excluded.vat_code, version = s.version + 1
     WHERE seen IN (s.version, -1);
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    -- what was there keeps its day; what is new counts from now on
    INSERT INTO fund.gl_act (organisation_id, act, counts_from)
    SELECT ours, w.act, coalesce((SELECT a.counts_from FROM fund.gl_acts(ours) a WHERE a.act = w.act), now())
      FROM unnest(wanted) w (act)
    ON CONFLICT DO NOTHING;
    DELETE FROM fund.gl_act a WHERE a.organisation_id = ours AND a.act <> ALL (wanted);
    RETURN true;
END $$;
COMMENT ON FUNCTION fund.set_gl IS
    'Says how the general ledger of the caller''s organisation takes what the fund did. NULL where the caller may not, '
    'false where it changed since the caller saw it.';
GRANT EXECUTE ON FUNCTION fund.set_gl TO haven_app;
