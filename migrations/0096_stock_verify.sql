-- `haven ledger verify` with the stock of cards; and VAT above the amount has a refusal of its own.

CREATE OR REPLACE FUNCTION fund.set_vat(one uuid, seen integer, vat bigint) RETURNS run_outcome
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
DECLARE
    me uuid := audit.caller();
    it fund.payment;
BEGIN
    SELECT * INTO it FROM fund.payment p
     WHERE p.id = one AND p.organisation_id = my_organisation() AND keeps_fund()
       AND coalesce(fund.shown(p.household_id), true) FOR NO KEY UPDATE;
    IF me IS NULL OR it.id IS NULL THEN
        RETURN 'none';
    ELSIF seen NOT IN (it.version, -1) THEN
        RETURN 'changed';
    ELSIF it.state <> 'pending' OR it.means <> 'supplier' THEN
        RETURN 'wrong_state';
    ELSIF vat > it.amount_pence THEN
        RETURN 'vat';
    END IF;
    UPDATE fund.payment p SET vat_pence = vat, version = it.version + 1 WHERE p.id = one;
    RETURN 'done';
END $$;

CREATE OR REPLACE FUNCTION fund.wrong_payments() RETURNS TABLE (what text, which text) LANGUAGE sql STABLE AS $$
    SELECT 'payments do not add up to what is in payment', c.id::text
      FROM fund.commitment c LEFT JOIN fund.payment p ON p.commitment_id = c.id AND p.state = 'pending'
     GROUP BY c.id HAVING c.in_payment <> coalesce(sum(p.amount_pence), 0)
    UNION ALL
    SELECT 'payments do not add up to what is paid', c.id::text
      FROM fund.commitment c LEFT JOIN fund.payment p ON p.commitment_id = c.id AND p.state = 'confirmed'
     GROUP BY c.id HAVING c.paid <> coalesce(sum(p.amount_pence), 0)
    UNION ALL
    SELECT 'a confirmed payment has not exactly one confirmation', p.reference FROM fund.payment p
     WHERE (p.state = 'confirmed') <> EXISTS (
            SELECT FROM fund.posting g WHERE g.id = p.confirmed_by AND g.act IN ('confirm', 'issue')
               AND g.cause_id = p.cause_id
               AND NOT EXISTS (SELECT FROM fund.posting u WHERE u.reverses = g.id))
    UNION ALL
    SELECT 'a confirmation is of two payments', p.confirmed_by::text FROM fund.payment p
     WHERE p.confirmed_by IS NOT NULL GROUP BY p.confirmed_by HAVING count(*) > 1
    UNION ALL
    SELECT 'a reversal is not the mirror of what it takes back', u.id::text FROM fund.posting u
      JOIN fund.posting g ON g.id = u.reverses
     WHERE g.reverses IS NOT NULL
        OR (SELECT array_agg(ROW(t.from_account, t.to_account, t.amount) ORDER BY t.n) FROM fund.transfer t
             WHERE t.posting_id = u.id)
           IS DISTINCT FROM
           (SELECT array_agg(ROW(t.to_account, t.from_account, t.amount) ORDER BY t.n) FROM fund.transfer t
             WHERE t.posting_id = g.id)
    UNION ALL
    SELECT 'a run is not the sum of its payments', r.reference FROM fund.run r
      LEFT JOIN fund.payment p ON p.run_id = r.id AND p.state <> 'thawed'
     GROUP BY r.id HAVING r.payments <> count(p.id) OR r.total_pence <> coalesce(sum(p.amount_pence), 0)
    UNION ALL
    SELECT 'what came back is not what was recorded', p.reference FROM fund.payment p
      LEFT JOIN fund.recovery v ON v.payment_id = p.id
     GROUP BY p.id HAVING p.recovered_pence <> coalesce(sum(v.amount_pence), 0)
    UNION ALL
    SELECT 'a payment went to a payee whom nobody checked, or nobody approved', p.reference FROM fund.payment p
      JOIN fund.payee e ON e.id = p.payee_id
     WHERE e.verified_at IS NULL OR e.verified_at > p.made_at OR NOT fund.agreed(e)
    UNION ALL
    SELECT 'a payment was approved alone and not reviewed before it was made', p.reference FROM fund.payment p
      JOIN fund.approval a ON a.request_id = p.cause_id AND a.lane IS NOT NULL AND a.approved_at < p.made_at
     WHERE p.run_id IS NOT NULL AND (a.reviewed_at IS NULL OR a.reviewed_at > p.made_at)
    UNION ALL
    SELECT 'suspense is not the rows that are in it', a.id::text FROM fund.account a
     WHERE a.kind = 'suspense'
       AND a.balance <> coalesce((SELECT -sum(r.amount_pence) FROM fund.statement_row r
                                   WHERE r.organisation_id = a.organisation_id AND r.state = 'suspended'), 0)
$$;

CREATE FUNCTION fund.wrong_stock() RETURNS TABLE (what text, which text) LANGUAGE sql STABLE AS $$
    SELECT 'the cards in stock do not add up to the account float', a.id::text FROM fund.account a
      LEFT JOIN (SELECT c.pot_year_id, sum(c.face_pence) AS pence FROM fund.card c
                  WHERE c.state IN ('in_stock', 'loss_reported') GROUP BY c.pot_year_id) s
             ON s.pot_year_id = a.pot_year_id
     WHERE a.kind = 'float' AND a.balance <> coalesce(s.pence, 0)
    UNION ALL
    SELECT 'a purchase of cards is not what was booked', l.id::text FROM fund.stock_lot l
     WHERE NOT EXISTS (SELECT FROM fund.posting p JOIN fund.transfer t ON t.posting_id = p.id
                        WHERE p.id = l.posting_id AND p.act = 'stock' AND p.cause_id = l.id
                          AND t.amount = l.face_pence * l.cards)
        OR l.cards <> (SELECT count(*) FROM fund.card c WHERE c.lot_id = l.id AND c.face_pence = l.face_pence
                          AND c.kind = l.kind AND c.organisation_id = l.organisation_id)
    UNION ALL
    SELECT 'a card that was handed out is not its payment', c.serial FROM fund.card c
      JOIN fund.payment p ON p.id = c.payment_id
     WHERE p.state <> 'confirmed' OR p.amount_pence <> c.face_pence OR p.serial <> c.serial OR p.means <> c.kind
        OR p.organisation_id <> c.organisation_id
    UNION ALL
    SELECT 'a payment out of the stock is of no card', p.reference FROM fund.payment p
      JOIN fund.posting g ON g.id = p.confirmed_by AND g.act = 'issue'
     WHERE NOT EXISTS (SELECT FROM fund.card c WHERE c.payment_id = p.id)
    UNION ALL
    SELECT 'a posting of the stock has no purchase', p.id::text FROM fund.posting p
     WHERE p.cause = 'stock' AND NOT EXISTS (SELECT FROM fund.stock_lot l WHERE l.id = p.cause_id)
    UNION ALL
    SELECT 'cards that are lost or returned are not what was booked', l.id::text
      FROM fund.stock_lot l
     CROSS JOIN (VALUES ('void_unused', 'returned'), ('stock_loss', 'lost')) v (act, state)
     WHERE (SELECT coalesce(sum(t.amount), 0) FROM fund.posting p JOIN fund.transfer t ON t.posting_id = p.id
             WHERE p.cause_id = l.id AND p.act = v.act)
           <> (SELECT coalesce(sum(c.face_pence), 0) FROM fund.card c WHERE c.lot_id = l.id AND c.state = v.state)
$$;
COMMENT ON FUNCTION fund.wrong_stock IS 'Cards in stock that do not fit the ledger, or their payments.';

CREATE OR REPLACE FUNCTION fund.faults() RETURNS TABLE (what text, which text) LANGUAGE sql STABLE AS $$
    SELECT * FROM fund.wrong_accounts() UNION ALL SELECT * FROM fund.wrong_postings()
     UNION ALL SELECT * FROM fund.wrong_promises() UNION ALL SELECT * FROM fund.wrong_payments()
     UNION ALL SELECT * FROM fund.wrong_weekly() UNION ALL SELECT * FROM fund.wrong_stock()
$$;
