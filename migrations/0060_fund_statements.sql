-- Reconciliation: what the bank's statement says of the payments. A statement is read first and changes nothing; the
-- verdict on each row is made anew whenever it is looked at, and again under the locks when rows are applied. Of a
-- row's words only a payment's reference is kept, since the rest may name anybody.

CREATE DOMAIN row_verdict AS text CHECK (VALUE IN ('confirm', 'bounce', 'run', 'suggest', 'seen', 'paid_twice',
    'amount_differs', 'not_exported', 'unexpected', 'unknown_out', 'unknown_in'));
COMMENT ON DOMAIN row_verdict IS
    'What a row of a statement is: confirm, bounce and run settle by themselves; suggest when a person says so. Paid '
    'twice, another amount, unexpected and unknown ones settle nothing: a person may put them into suspense.';

CREATE DOMAIN row_state AS text CHECK (VALUE IN ('waiting', 'settled', 'suspended', 'explained'));
COMMENT ON DOMAIN row_state IS 'Course of a row of a statement.';

CREATE DOMAIN explained_as AS text CHECK (VALUE IN ('not_ours', 'matched_by_hand', 'bank_charge', 'returned'));
COMMENT ON DOMAIN explained_as IS 'What money in suspense turned out to be.';

CREATE DOMAIN day_format AS text CHECK (VALUE IN ('iso', 'dmy'));
COMMENT ON DOMAIN day_format IS 'How a statement writes days: 2026-11-30, or 30/11/2026.';

SELECT add_codes('fund_act', '{suspend}');
SELECT add_codes('fund_cause', '{statement}');

CREATE TABLE fund.statement (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    organisation_id uuid NOT NULL REFERENCES organisation,
    account_label text NOT NULL CHECK (account_label <> ''),
    file_hash bytea NOT NULL CHECK (length(file_hash) = 32),
    day_column text NOT NULL,
    amount_column text NOT NULL,
    words_column text NOT NULL,
    day_format day_format NOT NULL,
    rows integer NOT NULL CHECK (rows > 0),
    read_by uuid NOT NULL REFERENCES account,
    read_at timestamptz NOT NULL DEFAULT now(),
    version integer NOT NULL DEFAULT 1,
    CONSTRAINT statement_once UNIQUE (organisation_id, account_label, file_hash)
);
COMMENT ON TABLE fund.statement IS 'A bank''s statement that was read; the same file is one statement.';
COMMENT ON COLUMN fund.statement.id IS 'Identity.';
COMMENT ON COLUMN fund.statement.organisation_id IS 'Whose account it is.';
COMMENT ON COLUMN fund.statement.account_label IS 'What the organisation calls the account; no number.';
COMMENT ON COLUMN fund.statement.file_hash IS 'SHA-256 of the file.';
COMMENT ON COLUMN fund.statement.day_column IS 'The column that has the day.';
COMMENT ON COLUMN fund.statement.amount_column IS 'The column that has the amount: below zero what was paid out.';
COMMENT ON COLUMN fund.statement.words_column IS 'The column that has the reference.';
COMMENT ON COLUMN fund.statement.day_format IS 'How it writes days.';
COMMENT ON COLUMN fund.statement.rows IS 'The number of its rows.';
COMMENT ON COLUMN fund.statement.read_by IS 'The person who read it in.';
COMMENT ON COLUMN fund.statement.read_at IS 'When.';
COMMENT ON COLUMN fund.statement.version IS 'Grows by one with each change; the ETag.';
CREATE INDEX statement_listed ON fund.statement (organisation_id, read_at, id);
SELECT guard('fund.statement', 'books', erase => 'kept');

CREATE TABLE fund.statement_row (
    statement_id uuid NOT NULL REFERENCES fund.statement,
    n integer NOT NULL CHECK (n > 0),
    organisation_id uuid NOT NULL REFERENCES organisation,
    account_label text NOT NULL,
    row_hash bytea NOT NULL,
    day date NOT NULL,
    amount_pence bigint NOT NULL CHECK (amount_pence <> 0),
    reference text,
    state row_state NOT NULL DEFAULT 'waiting',
    verdict row_verdict,
    payment_id uuid REFERENCES fund.payment,
    posting_id uuid REFERENCES fund.posting,
    explained explained_as,
    PRIMARY KEY (statement_id, n)
);
COMMENT ON TABLE fund.statement_row IS 'A row of a statement.';
COMMENT ON COLUMN fund.statement_row.statement_id IS 'The statement.';
COMMENT ON COLUMN fund.statement_row.n IS 'Its place there.';
COMMENT ON COLUMN fund.statement_row.organisation_id IS 'Whose account it is.';
COMMENT ON COLUMN fund.statement_row.account_label IS 'The account.';
COMMENT ON COLUMN fund.statement_row.row_hash IS
    'SHA-256 of day, amount, reference, and which of equal rows of its file it is: the same row in another file is '
    'known by it, and two equal payments of one day are two. Words are not in it: it would tell who they name.';
COMMENT ON COLUMN fund.statement_row.day IS 'The day.';
COMMENT ON COLUMN fund.statement_row.amount_pence IS 'Pence: below zero what was paid out.';
COMMENT ON COLUMN fund.statement_row.reference IS 'The reference of a payment that its words have; NULL: none.';
COMMENT ON COLUMN fund.statement_row.state IS 'Where it stands.';
COMMENT ON COLUMN fund.statement_row.verdict IS 'What it was when it was applied.';
COMMENT ON COLUMN fund.statement_row.payment_id IS 'The payment that it settled.';
COMMENT ON COLUMN fund.statement_row.posting_id IS 'What put it into suspense.';
COMMENT ON COLUMN fund.statement_row.explained IS 'What it turned out to be.';
CREATE UNIQUE INDEX statement_row_once ON fund.statement_row (organisation_id, account_label, row_hash)
    WHERE state <> 'waiting';
CREATE INDEX statement_row_suspended ON fund.statement_row (organisation_id, day) WHERE state = 'suspended';
SELECT guard('fund.statement_row', 'books', untold => '{row_hash}', erase => 'kept');

-- ---- reading ----

CREATE FUNCTION fund.read_statement(item jsonb, hash bytea, OUT id uuid, OUT there boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
DECLARE
    me uuid := audit.caller();
BEGIN
    IF me IS NULL OR NOT keeps_fund() THEN
        RETURN;
    END IF;
    INSERT INTO fund.statement AS s (organisation_id, account_label, file_hash, day_column, amount_column, words_column,
                                     day_format, rows, read_by)
    SELECT my_organisation(), n.account_label, hash, n.day_column, n.amount_column, n.words_column, n.day_format,
           jsonb_array_length(item -> 'lines'), me
      FROM jsonb_populate_record(NULL::fund.statement, item) n
    ON CONFLICT ON CONSTRAINT statement_once DO NOTHING RETURNING s.id INTO read_statement.id;
    there := read_statement.id IS NULL;
    IF there THEN
        SELECT s.id INTO read_statement.id FROM fund.statement s
         WHERE s.organisation_id = my_organisation() AND s.account_label = item ->> 'account_label'
           AND s.file_hash = hash;
        RETURN;
    END IF;
    INSERT INTO fund.statement_row (statement_id, n, organisation_id, account_label, row_hash, day, amount_pence,
                                    reference)
    SELECT read_statement.id, l.n, my_organisation(), item ->> 'account_label',
           sha256(convert_to(concat_ws('|', l.day, l.amount, l.reference,
                             row_number() OVER (PARTITION BY l.day, l.amount, l.reference ORDER BY l.n)), 'UTF8')),
           l.day, l.amount, l.reference
      FROM (SELECT x.n, (x.value ->> 'day')::date AS day, (x.value ->> 'amount_pence')::bigint AS amount,
                   fund.reference_in(x.value ->> 'words') AS reference
              FROM jsonb_array_elements(item -> 'lines') WITH ORDINALITY x (value, n)) l;
END $$;
COMMENT ON FUNCTION fund.read_statement IS
    'Keeps the rows of a statement, of their words the reference alone. there: the same file was read before.';
GRANT EXECUTE ON FUNCTION fund.read_statement TO haven_app;

-- ---- verdicts ----

-- Rows in which the same reference was paid: this one's file or another's, each row once.
CREATE FUNCTION fund.debits_of(r fund.statement_row) RETURNS SETOF fund.statement_row LANGUAGE sql STABLE AS $$
    SELECT DISTINCT ON (o.account_label, o.row_hash) o.* FROM fund.statement_row o
     WHERE o.organisation_id = r.organisation_id AND o.reference = r.reference AND o.amount_pence < 0
     ORDER BY o.account_label, o.row_hash, o.state = 'waiting', o.statement_id
$$;
COMMENT ON FUNCTION fund.debits_of IS 'The different rows of all statements that paid the reference of a row.';

CREATE FUNCTION fund.paid_plainly(r fund.statement_row) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT count(*) <= 1 AND coalesce(bool_and(d.amount_pence = -r.amount_pence), true) FROM fund.debits_of(r) d
$$;
COMMENT ON FUNCTION fund.paid_plainly IS
    'Whether money that came back was paid once and in that amount, as far as statements tell: else a person looks.';

CREATE FUNCTION fund.paid_before(r fund.statement_row) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM fund.debits_of(r) d
                    WHERE d.row_hash <> r.row_hash
                      AND (d.state = 'settled' OR d.statement_id = r.statement_id AND d.n < r.n))
$$;
COMMENT ON FUNCTION fund.paid_before IS 'Whether another row has paid the reference of a row already.';
CREATE INDEX statement_row_reference ON fund.statement_row (organisation_id, reference) WHERE reference IS NOT NULL;

CREATE FUNCTION fund.verdict_by_reference(r fund.statement_row, p fund.payment) RETURNS row_verdict
LANGUAGE sql STABLE AS $$
    SELECT CASE
        WHEN abs(r.amount_pence) <> p.amount_pence THEN 'amount_differs'
        WHEN r.amount_pence > 0 THEN
            CASE WHEN p.state IN ('pending', 'confirmed') AND p.recovered_pence = 0 AND fund.paid_plainly(r)
                 THEN 'bounce' ELSE 'unexpected' END
        WHEN p.state = 'confirmed' OR fund.paid_before(r) THEN 'paid_twice'
        WHEN p.state <> 'pending' THEN 'unexpected'
        WHEN p.run_id IS NOT NULL
             AND NOT fund.may_run((SELECT x.state FROM fund.run x WHERE x.id = p.run_id), 'settle') THEN 'not_exported'
        ELSE 'confirm' END
$$;
COMMENT ON FUNCTION fund.verdict_by_reference IS 'What a row is that names a payment.';

CREATE FUNCTION fund.run_of_row(r fund.statement_row) RETURNS uuid LANGUAGE sql STABLE AS $$
    SELECT (array_agg(x.id))[1] FROM fund.run x
     WHERE x.organisation_id = r.organisation_id AND x.state IN ('exported', 'part_confirmed') AND x.payments > 1
       AND x.total_pence = -r.amount_pence
       AND NOT EXISTS (SELECT FROM fund.payment p WHERE p.run_id = x.id AND p.state = 'confirmed')
       AND r.day BETWEEN x.pay_on AND add_working_days(x.pay_on, 5)
    HAVING count(*) = 1
$$;
COMMENT ON FUNCTION fund.run_of_row IS
    'The one run of several payments, none confirmed, that a row pays as a whole; or NULL.';

CREATE FUNCTION fund.payment_of_row(r fund.statement_row) RETURNS uuid LANGUAGE sql STABLE AS $$
    SELECT (array_agg(p.id))[1] FROM fund.payment p LEFT JOIN fund.run x ON x.id = p.run_id
     WHERE p.organisation_id = r.organisation_id AND p.state = 'pending' AND p.amount_pence = -r.amount_pence
       AND (x.id IS NULL OR fund.may_run(x.state, 'settle'))
       AND r.day BETWEEN coalesce(x.pay_on, london_day(p.made_at))
                     AND add_working_days(coalesce(x.pay_on, london_day(p.made_at)), 5)
    HAVING count(*) = 1
$$;
COMMENT ON FUNCTION fund.payment_of_row IS
    'The one payment of that amount within five working days that a row without a reference may be; or NULL.';

CREATE FUNCTION fund.judge_row(r fund.statement_row, OUT verdict row_verdict, OUT payment uuid, OUT run uuid)
LANGUAGE plpgsql STABLE AS $$
DECLARE
    p fund.payment;
BEGIN
    IF EXISTS (SELECT FROM fund.statement_row o
                WHERE o.organisation_id = r.organisation_id AND o.account_label = r.account_label
                  AND o.row_hash = r.row_hash AND o.state <> 'waiting') THEN
        verdict := 'seen';
        RETURN;
    END IF;
    SELECT * INTO p FROM fund.payment q WHERE q.reference = r.reference AND q.organisation_id = r.organisation_id;
    IF p.id IS NOT NULL THEN
        payment := p.id;
        verdict := fund.verdict_by_reference(r, p);
        RETURN;
    END IF;
    IF r.amount_pence < 0 AND r.reference IS NULL THEN
        run := fund.run_of_row(r);
        payment := CASE WHEN run IS NULL THEN fund.payment_of_row(r) END;
    END IF;
    verdict := CASE WHEN run IS NOT NULL THEN 'run' WHEN payment IS NOT NULL THEN 'suggest'
                    WHEN r.amount_pence < 0 THEN 'unknown_out' ELSE 'unknown_in' END;
END $$;
COMMENT ON FUNCTION fund.judge_row IS 'What a row of a statement is as things stand.';

CREATE FUNCTION fund.verdicts(one uuid)
RETURNS TABLE (n integer, day date, amount_pence bigint, reference text, state row_state, verdict row_verdict,
               payment_id uuid, run_id uuid, case_reference text, explained explained_as)
LANGUAGE plpgsql STABLE ROWS 100 SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
#variable_conflict use_column
BEGIN
    IF sees_books() THEN
        RETURN QUERY
        SELECT r.n, r.day, r.amount_pence, r.reference, r.state, CASE r.state WHEN 'waiting' THEN j.verdict
               ELSE r.verdict END, q.payment, j.run, q.reference, r.explained
          FROM fund.statement_row r LEFT JOIN fund.judge_row(r) j ON r.state = 'waiting'
          LEFT JOIN LATERAL (SELECT p.id AS payment, f.reference
                               FROM fund.payment p JOIN fund.request f ON f.id = p.cause_id
                              WHERE p.id = coalesce(r.payment_id, j.payment) AND fund.shown(f.household_id)) q ON true
         WHERE r.statement_id = one AND r.organisation_id = my_organisation()
         ORDER BY r.n;
    END IF;
END $$;
COMMENT ON FUNCTION fund.verdicts IS
    'The rows of a statement of the caller''s organisation with what each is as things stand: the dry run.';
GRANT EXECUTE ON FUNCTION fund.verdicts TO haven_app;

-- ---- applying ----

CREATE FUNCTION fund.org_account(organisation uuid, of_kind fund_account) RETURNS bigint LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO fund.account (organisation_id, kind) VALUES (organisation, of_kind)
    ON CONFLICT ON CONSTRAINT account_once DO NOTHING;
    RETURN (SELECT a.id FROM fund.account a
             WHERE a.organisation_id = organisation AND a.pot_year_id IS NULL AND a.kind = of_kind);
END $$;
COMMENT ON FUNCTION fund.org_account IS 'An account of an organisation itself, which is made when it is first needed.';

CREATE FUNCTION fund.suspend_row(r fund.statement_row) RETURNS uuid LANGUAGE sql AS $$
    SELECT fund.post('suspend', 'statement', r.statement_id, r.day,
        ARRAY[CASE WHEN r.amount_pence < 0
                   THEN ROW(seen.id, held.id, -r.amount_pence)::fund.movement
                   ELSE ROW(held.id, seen.id, r.amount_pence)::fund.movement END])
      FROM fund.org_account(r.organisation_id, 'bank_seen') seen (id),
           fund.org_account(r.organisation_id, 'suspense') held (id)
$$;
COMMENT ON FUNCTION fund.suspend_row IS
    'Books money at the bank that nobody can attribute into suspense; a year closes only when nothing is there.';

CREATE FUNCTION fund.settle_row(r fund.statement_row, j record) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    locked record;
    p uuid;
BEGIN
    FOR p IN SELECT q.id FROM fund.payment q
              WHERE q.id = j.payment OR q.run_id = j.run AND q.state = 'pending' ORDER BY q.commitment_id, q.id LOOP
        locked := fund.lock_payment(p, -1);
        -- what only a person says is said by another than the one who froze the run
        IF locked.outcome IS NOT NULL
           OR j.verdict = 'suggest' AND (locked.it).made_by = audit.me('account')::uuid THEN
            RETURN false;
        ELSIF j.verdict = 'bounce' THEN
            PERFORM fund.settle_bounced(locked.it, locked.promise, r.day, 'bank_refused');
        ELSE
            PERFORM fund.settle_confirmed(locked.it, locked.promise, r.day);
        END IF;
    END LOOP;
    RETURN true;
END $$;
COMMENT ON FUNCTION fund.settle_row IS
    'Settles the payments of a row; false where the caller may not, or their year is closed. The caller takes it back.';

CREATE FUNCTION fund.apply_row(r fund.statement_row, chosen boolean) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    j record := fund.judge_row(r);
    posting uuid;
BEGIN
    IF j.verdict IN ('confirm', 'bounce', 'run') OR chosen AND j.verdict = 'suggest' THEN
        BEGIN
            IF NOT fund.settle_row(r, j) THEN
                RAISE EXCEPTION 'refused' USING ERRCODE = 'HV422';
            END IF;
        EXCEPTION WHEN SQLSTATE 'HV422' THEN
            RETURN false;
        END;
    ELSIF chosen AND j.verdict IN ('unknown_out', 'unknown_in', 'paid_twice', 'amount_differs', 'unexpected') THEN
        posting := fund.suspend_row(r);
    ELSE
        RETURN false;
    END IF;
    UPDATE fund.statement_row o
       SET state = CASE WHEN posting IS NULL THEN 'settled' ELSE 'suspended' END, verdict = j.verdict,
           payment_id = j.payment, posting_id = posting
     WHERE o.statement_id = r.statement_id AND o.n = r.n;
    RETURN true;
END $$;
COMMENT ON FUNCTION fund.apply_row IS
    'Applies a row as it is judged now: what is certain by itself, what is likely or unknown only if a person chose '
    'it. Another amount, and a payment that was paid twice, are never settled: a person may put them into suspense.';

CREATE FUNCTION fund.apply_statement(one uuid, seen integer, chosen integer[], OUT outcome run_outcome,
                                     OUT applied integer)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
DECLARE
    it fund.statement;
    r fund.statement_row;
BEGIN
    SELECT * INTO it FROM fund.statement s
     WHERE s.id = one AND s.organisation_id = my_organisation() AND keeps_fund() AND audit.caller() IS NOT NULL
       FOR NO KEY UPDATE;
    outcome := CASE WHEN it.id IS NULL THEN 'none' WHEN seen NOT IN (it.version, -1) THEN 'changed' END;
    IF outcome IS NOT NULL THEN
        RETURN;
    END IF;
    -- one statement of an organisation at a time: two files may have the same row
    PERFORM pg_advisory_xact_lock(hashtextextended('fund statements ' || it.organisation_id, 0));
    applied := 0;
    FOR r IN SELECT * FROM fund.statement_row o
              WHERE o.statement_id = one AND o.state = 'waiting' AND (chosen IS NULL OR o.n = ANY (chosen))
              ORDER BY o.amount_pence > 0, o.n LOOP
        applied := applied + fund.apply_row(r, chosen IS NOT NULL)::integer;
    END LOOP;
    UPDATE fund.statement s SET version = it.version + 1 WHERE s.id = one AND applied > 0;
    outcome := CASE WHEN applied = 0 THEN 'empty' ELSE 'done' END;
END $$;
COMMENT ON FUNCTION fund.apply_statement IS
    'Applies rows of a statement: those that were chosen, or all that are certain. Rows that cannot be applied wait.';
GRANT EXECUTE ON FUNCTION fund.apply_statement TO haven_app;

CREATE FUNCTION fund.explain_row(one uuid, place integer, what explained_as) RETURNS run_outcome
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
DECLARE
    r fund.statement_row;
    moves fund.movement[];
BEGIN
    SELECT * INTO r FROM fund.statement_row o
     WHERE o.statement_id = one AND o.n = place AND o.organisation_id = my_organisation() AND keeps_fund()
       AND audit.caller() IS NOT NULL FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN 'none';
    ELSIF r.state <> 'suspended' THEN
        RETURN 'wrong_state';
    END IF;
    moves := ARRAY(SELECT ROW(t.to_account, t.from_account, t.amount)::fund.movement FROM fund.transfer t
                    WHERE t.posting_id = r.posting_id ORDER BY t.n);
    PERFORM fund.post('reverse', 'statement', one, r.day, moves, NULL, r.posting_id);
    UPDATE fund.statement_row o SET state = 'explained', explained = what WHERE o.statement_id = one AND o.n = place;
    UPDATE fund.statement s SET version = s.version + 1 WHERE s.id = one;
    RETURN 'done';
END $$;
COMMENT ON FUNCTION fund.explain_row IS 'Takes a row out of suspense, since somebody knows what it was.';
GRANT EXECUTE ON FUNCTION fund.explain_row TO haven_app;
