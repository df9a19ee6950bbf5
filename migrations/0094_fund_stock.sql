-- Prepaid cards and vouchers that are bought in stock. A card is spent from its pot when it is bought (free to float),
-- not when it is handed out: then what was promised for it is free again, and what was in stock is paid.
--
-- Locks: household, request, years, commitments, cards, accounts.

SELECT add_codes('fund_act', '{stock,issue,take_back,void_unused,stock_loss}');
SELECT add_codes('fund_cause', '{stock}');
SELECT add_codes('fund_outcome', '{not_in_stock,face_value}');
SELECT add_codes('run_outcome', '{short,vat}');

CREATE DOMAIN card_state AS text CHECK (VALUE IN ('in_stock', 'handed_out', 'returned', 'loss_reported', 'lost'));
COMMENT ON DOMAIN card_state IS
    'Course of a card or voucher in stock: returned goes back to its seller unused; a loss is reported by one person '
    'and confirmed by another.';

CREATE DOMAIN card_loss AS text CHECK (VALUE IN ('stolen', 'mislaid', 'damaged', 'out_of_date'));
COMMENT ON DOMAIN card_loss IS 'Why a card in stock is worth nothing any more.';

CREATE DOMAIN count_reason AS text CHECK (VALUE IN ('counted_wrongly', 'found', 'recorded'));
COMMENT ON DOMAIN count_reason IS 'What explains that a count differs from the books.';

CREATE DOMAIN stock_outcome AS text CHECK (VALUE IN ('done', 'none', 'changed', 'wrong_state', 'own', 'short',
    'year_closed', 'number_used', 'no_year', 'no_difference'));
COMMENT ON DOMAIN stock_outcome IS 'What became of an act on the stock of cards.';

CREATE FUNCTION settles_stock() RETURNS boolean LANGUAGE sql STABLE AS
$$ SELECT audit.me('role') IN ('finance_officer', 'finance_approver') $$;
COMMENT ON FUNCTION settles_stock IS
    'Whether the caller may confirm that cards are lost, and explain a count: of a colleague''s, never of their own.';
GRANT EXECUTE ON FUNCTION settles_stock TO haven_app;

-- ---- tables ----

CREATE TABLE fund.stock_lot (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    organisation_id uuid NOT NULL REFERENCES organisation,
    pot_year_id uuid NOT NULL REFERENCES fund.pot_year,
    kind fund_means NOT NULL CHECK (kind IN ('prepaid_card', 'voucher')),
    face_pence bigint NOT NULL CHECK (face_pence > 0),
    cards integer NOT NULL CHECK (cards > 0),
    supplier text NOT NULL CHECK (supplier <> ''),
    invoice text NOT NULL CHECK (invoice <> ''),
    bought_by uuid NOT NULL REFERENCES account,
    bought_at timestamptz NOT NULL DEFAULT now(),
    posting_id uuid NOT NULL REFERENCES fund.posting
);
COMMENT ON TABLE fund.stock_lot IS
    'Cards or vouchers of one face value that were bought together. Rows are only added.';
COMMENT ON COLUMN fund.stock_lot.id IS 'Identity.';
COMMENT ON COLUMN fund.stock_lot.organisation_id IS 'The organisation whose stock it is: it keeps the pot.';
COMMENT ON COLUMN fund.stock_lot.pot_year_id IS 'The pot''s year that paid.';
COMMENT ON COLUMN fund.stock_lot.kind IS 'Cards or vouchers.';
COMMENT ON COLUMN fund.stock_lot.face_pence IS 'Pence that each is worth.';
COMMENT ON COLUMN fund.stock_lot.cards IS 'How many.';
COMMENT ON COLUMN fund.stock_lot.supplier IS 'The seller.';
COMMENT ON COLUMN fund.stock_lot.invoice IS 'The number of the seller''s invoice.';
COMMENT ON COLUMN fund.stock_lot.bought_by IS 'The person who recorded it.';
COMMENT ON COLUMN fund.stock_lot.bought_at IS 'When.';
COMMENT ON COLUMN fund.stock_lot.posting_id IS 'What was booked.';
CREATE INDEX stock_lot_kept ON fund.stock_lot (organisation_id, kind, bought_at);
SELECT guard('fund.stock_lot', 'books');

CREATE TABLE fund.card (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    organisation_id uuid NOT NULL REFERENCES organisation,
    lot_id uuid NOT NULL REFERENCES fund.stock_lot,
    pot_year_id uuid NOT NULL REFERENCES fund.pot_year,
    kind fund_means NOT NULL,
    face_pence bigint NOT NULL CHECK (face_pence > 0),
    serial text NOT NULL CHECK (serial <> ''),
    state card_state NOT NULL DEFAULT 'in_stock',
    payment_id uuid UNIQUE REFERENCES fund.payment,
    loss card_loss,
    reported_by uuid REFERENCES account,
    reported_at timestamptz,
    settled_by uuid REFERENCES account,
    settled_at timestamptz,
    version integer NOT NULL DEFAULT 1,
    CONSTRAINT card_handed_out CHECK ((state = 'handed_out') = (payment_id IS NOT NULL)),
    CONSTRAINT card_lost CHECK ((state IN ('loss_reported', 'lost')) = (loss IS NOT NULL)
                                AND (loss IS NULL) = (reported_by IS NULL)
                                AND (state <> 'lost' OR settled_by <> reported_by))
) WITH (fillfactor = 80);
COMMENT ON TABLE fund.card IS 'A card or voucher that was bought in stock.';
COMMENT ON COLUMN fund.card.id IS 'Identity.';
COMMENT ON COLUMN fund.card.organisation_id IS 'The organisation whose stock it is in.';
COMMENT ON COLUMN fund.card.lot_id IS 'What it was bought with.';
COMMENT ON COLUMN fund.card.pot_year_id IS
    'The pot''s year whose account float has its worth: the one that paid, or the next one since that was closed.';
COMMENT ON COLUMN fund.card.kind IS 'Card or voucher.';
COMMENT ON COLUMN fund.card.face_pence IS 'Pence that it is worth.';
COMMENT ON COLUMN fund.card.serial IS
    'Its number, without blanks and dashes; each once but for those that were returned.';
COMMENT ON COLUMN fund.card.state IS 'Where it is.';
COMMENT ON COLUMN fund.card.payment_id IS 'The payment that it is, once handed out.';
COMMENT ON COLUMN fund.card.loss IS 'Why it is worth nothing any more.';
COMMENT ON COLUMN fund.card.reported_by IS 'The person who reported that.';
COMMENT ON COLUMN fund.card.reported_at IS 'When.';
COMMENT ON COLUMN fund.card.settled_by IS 'The person who confirmed the loss, or returned the card.';
COMMENT ON COLUMN fund.card.settled_at IS 'When.';
COMMENT ON COLUMN fund.card.version IS 'Grows by one with each change; the ETag.';
CREATE UNIQUE INDEX card_serial ON fund.card (organisation_id, serial) WHERE state <> 'returned';
CREATE INDEX card_in_stock ON fund.card (organisation_id, kind, face_pence) WHERE state = 'in_stock';
CREATE INDEX card_of_lot ON fund.card (lot_id);
CREATE INDEX card_float ON fund.card (pot_year_id) WHERE state IN ('in_stock', 'loss_reported');
SELECT guard('fund.card', 'books');

CREATE TABLE fund.stock_count (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    organisation_id uuid NOT NULL REFERENCES organisation,
    kind fund_means NOT NULL,
    face_pence bigint NOT NULL CHECK (face_pence > 0),
    counted integer NOT NULL CHECK (counted >= 0),
    expected integer NOT NULL CHECK (expected >= 0),
    counted_by uuid NOT NULL REFERENCES account,
    counted_at timestamptz NOT NULL DEFAULT now(),
    reason count_reason,
    explained_by uuid REFERENCES account,
    explained_at timestamptz,
    version integer NOT NULL DEFAULT 1,
    CONSTRAINT count_explained CHECK ((reason IS NULL) = (explained_by IS NULL)
                                      AND (reason IS NULL OR counted <> expected AND explained_by <> counted_by))
);
COMMENT ON TABLE fund.stock_count IS
    'Cards that somebody counted. One that differs from the books stays open until a colleague explains it.';
COMMENT ON COLUMN fund.stock_count.id IS 'Identity.';
COMMENT ON COLUMN fund.stock_count.organisation_id IS 'The organisation whose stock it is.';
COMMENT ON COLUMN fund.stock_count.kind IS 'Cards or vouchers.';
COMMENT ON COLUMN fund.stock_count.face_pence IS 'Pence that each is worth.';
COMMENT ON COLUMN fund.stock_count.counted IS 'How many there are.';
COMMENT ON COLUMN fund.stock_count.expected IS 'How many the books had in stock at that moment.';
COMMENT ON COLUMN fund.stock_count.counted_by IS 'The person who counted.';
COMMENT ON COLUMN fund.stock_count.counted_at IS 'When.';
COMMENT ON COLUMN fund.stock_count.reason IS 'What explains the difference.';
COMMENT ON COLUMN fund.stock_count.explained_by IS 'The colleague who explained it.';
COMMENT ON COLUMN fund.stock_count.explained_at IS 'When.';
COMMENT ON COLUMN fund.stock_count.version IS 'Grows by one with each change; the ETag.';
CREATE INDEX stock_count_listed ON fund.stock_count (organisation_id, counted_at, id);
SELECT guard('fund.stock_count', 'books');

-- ---- buying ----

CREATE FUNCTION fund.number_taken(keeper uuid, numbers text[]) RETURNS text LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT n.number FROM unnest(numbers) n (number)
             WHERE EXISTS (SELECT FROM fund.card c
                            WHERE c.organisation_id = keeper AND c.serial = n.number AND c.state <> 'returned')
                OR EXISTS (SELECT FROM fund.payment p
                            WHERE p.organisation_id = keeper AND p.serial = n.number AND p.state <> 'bounced')
             LIMIT 1);
END $$;
COMMENT ON FUNCTION fund.number_taken IS 'One of these numbers that a card in stock has, or one that was handed out.';

CREATE FUNCTION fund.buy_stock(item jsonb, numbers text[], OUT outcome stock_outcome, OUT id uuid, OUT taken text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
DECLARE
    me uuid := audit.caller();
    it fund.stock_lot := jsonb_populate_record(NULL::fund.stock_lot, item);
    y fund.pot_year;
BEGIN
    IF me IS NULL OR NOT keeps_fund() THEN
        outcome := 'none';
        RETURN;
    END IF;
    -- purchases of one organisation wait for each other, so that no number is bought twice
    PERFORM pg_advisory_xact_lock(hashtextextended('stock ' || my_organisation(), 0));
    SELECT * INTO y FROM fund.pot_year p
     WHERE p.id = it.pot_year_id AND p.organisation_id = my_organisation() FOR KEY SHARE;
    taken := fund.number_taken(my_organisation(), numbers);
    outcome := CASE WHEN y.id IS NULL THEN 'no_year' WHEN y.state NOT IN ('open', 'soft_closed') THEN 'year_closed'
                    WHEN taken IS NOT NULL THEN 'number_used' END;
    IF outcome IS NOT NULL THEN
        RETURN;
    END IF;
    it.id := gen_random_uuid();
    it.posting_id := fund.post('stock', 'stock', it.id, fund.day_in(y.year),
                               ARRAY[fund.moved(y.id, 'free', 'float', it.face_pence * cardinality(numbers))]);
    IF it.posting_id IS NULL THEN
        outcome := 'short';
        RETURN;
    END IF;
    INSERT INTO fund.stock_lot (id, organisation_id, pot_year_id, kind, face_pence, cards, supplier, invoice,
                                bought_by, posting_id)
    VALUES (it.id, my_organisation(), y.id, it.kind, it.face_pence, cardinality(numbers), it.supplier, it.invoice, me,
            it.posting_id);
    INSERT INTO fund.card (organisation_id, lot_id, pot_year_id, kind, face_pence, serial)
    SELECT my_organisation(), it.id, y.id, it.kind, it.face_pence, n.number FROM unnest(numbers) n (number);
    outcome := 'done';
    id := it.id;
END $$;
COMMENT ON FUNCTION fund.buy_stock IS
    'Puts cards or vouchers with these numbers into stock: their price leaves what is free of the year now, or nothing '
    'is bought. A number that is in use is told.';
GRANT EXECUTE ON FUNCTION fund.buy_stock TO haven_app;

-- ---- what becomes of cards in stock ----

CREATE FUNCTION fund.lock_card(one uuid, seen integer, states text[], OUT outcome stock_outcome, OUT it fund.card)
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM fund.hold_years(ARRAY(SELECT c.pot_year_id FROM fund.card c WHERE c.id = one));
    SELECT * INTO it FROM fund.card c WHERE c.id = one AND c.organisation_id = my_organisation() FOR NO KEY UPDATE;
    outcome := CASE WHEN it.id IS NULL OR audit.caller() IS NULL THEN 'none'
                    WHEN seen NOT IN (it.version, -1) THEN 'changed'
                    WHEN it.state <> ALL (states) THEN 'wrong_state' END;
END $$;
COMMENT ON FUNCTION fund.lock_card IS
    'Locks a card of the caller''s organisation; the outcome is NULL where it is in one of these states.';

CREATE FUNCTION fund.card_posting(act fund_act, it fund.card, source fund_account, target fund_account) RETURNS uuid
LANGUAGE plpgsql AS $$
BEGIN
    RETURN fund.post(act, 'stock', it.lot_id,
                     (SELECT fund.day_in(y.year) FROM fund.pot_year y WHERE y.id = it.pot_year_id),
                     ARRAY[fund.moved(it.pot_year_id, source, target, it.face_pence)]);
END $$;
COMMENT ON FUNCTION fund.card_posting IS 'Books what became of a card in stock.';

CREATE FUNCTION fund.return_card(one uuid, seen integer) RETURNS stock_outcome
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
DECLARE
    me uuid := audit.caller();
    locked record := fund.lock_card(one, seen, '{in_stock}');
BEGIN
    IF me IS NULL OR NOT keeps_fund() OR locked.outcome IS NOT NULL THEN
        RETURN CASE WHEN me IS NOT NULL AND keeps_fund() THEN locked.outcome ELSE 'none' END;
    END IF;
    PERFORM fund.card_posting('void_unused', locked.it, 'float', 'free');
    UPDATE fund.card c SET state = 'returned', settled_by = me, settled_at = now(), version = c.version + 1
     WHERE c.id = one;
    RETURN 'done';
END $$;
COMMENT ON FUNCTION fund.return_card IS 'A card goes back to its seller unused: its worth is free again.';
GRANT EXECUTE ON FUNCTION fund.return_card TO haven_app;

CREATE FUNCTION fund.report_loss(one uuid, seen integer, why card_loss) RETURNS stock_outcome
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
DECLARE
    me uuid := audit.caller();
    locked record := fund.lock_card(one, seen, '{in_stock}');
BEGIN
    IF me IS NULL OR NOT keeps_fund() OR locked.outcome IS NOT NULL THEN
        RETURN CASE WHEN me IS NOT NULL AND keeps_fund() THEN locked.outcome ELSE 'none' END;
    END IF;
    UPDATE fund.card c
       SET state = 'loss_reported', loss = why, reported_by = me, reported_at = now(), version = c.version + 1
     WHERE c.id = one;
    RETURN 'done';
END $$;
COMMENT ON FUNCTION fund.report_loss IS
    'Reports that a card is lost: it is not handed out any more. Its worth stays in stock until a colleague confirms.';
GRANT EXECUTE ON FUNCTION fund.report_loss TO haven_app;

CREATE FUNCTION fund.settle_loss(one uuid, seen integer, is_lost boolean) RETURNS stock_outcome
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
DECLARE
    me uuid := audit.caller();
    locked record := fund.lock_card(one, seen, '{loss_reported}');
BEGIN
    IF me IS NULL OR NOT settles_stock() OR locked.outcome IS NOT NULL THEN
        RETURN CASE WHEN me IS NOT NULL AND settles_stock() THEN locked.outcome ELSE 'none' END;
    ELSIF is_lost AND (locked.it).reported_by = me THEN
        RETURN 'own';
    ELSIF is_lost THEN
        PERFORM fund.card_posting('stock_loss', locked.it, 'float', 'lapsed');
        UPDATE fund.card c SET state = 'lost', settled_by = me, settled_at = now(), version = c.version + 1
         WHERE c.id = one;
    ELSE
        UPDATE fund.card c
           SET state = 'in_stock', loss = NULL, reported_by = NULL, reported_at = NULL, version = c.version + 1
         WHERE c.id = one;
    END IF;
    RETURN 'done';
END $$;
COMMENT ON FUNCTION fund.settle_loss IS
    'Confirms that a card is lost, which the person who reported it may not, or says that it is there.';
GRANT EXECUTE ON FUNCTION fund.settle_loss TO haven_app;

-- ---- counting ----

CREATE FUNCTION fund.count_stock(of_kind fund_means, face bigint, there integer, OUT outcome stock_outcome,
                                 OUT id uuid)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
DECLARE
    me uuid := audit.caller();
BEGIN
    IF me IS NULL OR NOT keeps_fund() THEN
        outcome := 'none';
        RETURN;
    END IF;
    INSERT INTO fund.stock_count (organisation_id, kind, face_pence, counted, expected, counted_by)
    SELECT my_organisation(), of_kind, face, there, count(*), me FROM fund.card c
     WHERE c.organisation_id = my_organisation() AND c.kind = of_kind AND c.face_pence = face AND c.state = 'in_stock'
    RETURNING stock_count.id INTO id;
    outcome := 'done';
END $$;
COMMENT ON FUNCTION fund.count_stock IS
    'Records how many cards of a worth somebody counted, beside what the books have.';
GRANT EXECUTE ON FUNCTION fund.count_stock TO haven_app;

CREATE FUNCTION fund.explain_count(one uuid, seen integer, why count_reason) RETURNS stock_outcome
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
DECLARE
    me uuid := audit.caller();
    it fund.stock_count;
BEGIN
    SELECT * INTO it FROM fund.stock_count c
     WHERE c.id = one AND c.organisation_id = my_organisation() AND settles_stock() FOR NO KEY UPDATE;
    IF me IS NULL OR it.id IS NULL THEN
        RETURN 'none';
    ELSIF seen NOT IN (it.version, -1) THEN
        RETURN 'changed';
    ELSIF it.counted = it.expected THEN
        RETURN 'no_difference';
    ELSIF it.reason IS NOT NULL THEN
        RETURN 'wrong_state';
    ELSIF it.counted_by = me THEN
        RETURN 'own';
    END IF;
    UPDATE fund.stock_count c SET reason = why, explained_by = me, explained_at = now(), version = c.version + 1
     WHERE c.id = one;
    RETURN 'done';
END $$;
COMMENT ON FUNCTION fund.explain_count IS
    'Explains why a count differs from the books: never the person who counted.';
GRANT EXECUTE ON FUNCTION fund.explain_count TO haven_app;
