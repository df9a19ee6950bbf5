-- Cards out of the stock: handed out, taken back, carried into the next year, in the forecast and the general ledger.

-- A number whose payment came back may be handed out again.
DROP INDEX fund.payment_serial;
CREATE UNIQUE INDEX payment_serial ON fund.payment (organisation_id, serial)
    WHERE serial IS NOT NULL AND state <> 'bounced';

-- ---- handing out ----

CREATE FUNCTION fund.keeps_stock(keeper uuid, of_kind fund_means) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN EXISTS (SELECT FROM fund.stock_lot l WHERE l.organisation_id = keeper AND l.kind = of_kind
                      AND l.bought_at > now() - interval '1 year')
        OR EXISTS (SELECT FROM fund.card c WHERE c.organisation_id = keeper AND c.kind = of_kind
                      AND c.state = 'in_stock');
END $$;
COMMENT ON FUNCTION fund.keeps_stock IS
    'Whether an organisation keeps cards, or vouchers, in stock: it has some, or bought some within a year. Then what '
    'is handed out comes out of the stock.';

CREATE FUNCTION fund.card_pays(it fund.card, r fund.request) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN it.kind = r.means AND it.organisation_id = r.keeper_id
       AND EXISTS (SELECT FROM fund.pot_year y JOIN fund.pot t ON t.id = y.pot_id
                    WHERE y.id = it.pot_year_id AND y.state IN ('provisional', 'open', 'soft_closed')
                      AND r.category = ANY (t.categories) AND fund.may_spend(t, r.organisation_id));
END $$;
COMMENT ON FUNCTION fund.card_pays IS
    'Whether a card in stock may be handed out for a request: its pot pays for that, for that organisation.';

CREATE FUNCTION fund.stock_for(one uuid) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
DECLARE
    r fund.request;
BEGIN
    SELECT * INTO r FROM fund.request q
     WHERE q.id = one AND q.state = 'approved' AND sees_cases() AND case_seen(q.household_id)
       AND audit.me('account') IS NOT NULL AND NOT fund.has_account(q.means);
    IF NOT FOUND OR NOT fund.keeps_stock(r.keeper_id, r.means) THEN
        RETURN NULL;
    END IF;
    RETURN (SELECT jsonb_build_object('cards', coalesce(sum(f.cards), 0), 'faces', coalesce(jsonb_agg(
                       jsonb_build_object('face_pence', f.face_pence, 'cards', f.cards) ORDER BY f.face_pence), '[]'))
              FROM (SELECT c.face_pence, count(*) AS cards FROM fund.card c
                     WHERE c.organisation_id = r.keeper_id AND c.kind = r.means AND c.state = 'in_stock'
                       AND fund.card_pays(c, r)
                     GROUP BY c.face_pence) f);
END $$;
COMMENT ON FUNCTION fund.stock_for IS
    'How many cards are in stock that may be handed out for an approved request, by worth, for people who see the '
    'case; NULL where no stock is kept.';
GRANT EXECUTE ON FUNCTION fund.stock_for TO haven_app;

CREATE FUNCTION fund.promise_for(it fund.request, face bigint, OUT told fund.told, OUT promise fund.commitment)
LANGUAGE plpgsql AS $$
DECLARE
    stopped payment_obstacle;
BEGIN
    SELECT * INTO promise FROM fund.commitment c
     WHERE c.cause_id = it.id AND c.open > 0 AND fund.payable_now(c) >= greatest(face, 1)
     ORDER BY c.id LIMIT 1 FOR NO KEY UPDATE;
    IF promise.id IS NULL THEN
        told.left_pence := (SELECT max(fund.payable_now(c)) FROM fund.commitment c
                             WHERE c.cause_id = it.id AND c.open > 0);
        told.outcome := CASE WHEN told.left_pence > 0 THEN 'face_value' ELSE 'wrong_state' END;
        told.left_pence := nullif(told.left_pence, 0);
        RETURN;
    END IF;
    stopped := fund.obstacle(it, promise);
    told.outcome := CASE WHEN stopped = 'lapsed' THEN 'lapsed' WHEN stopped IS NOT NULL THEN 'pot_closed' END;
END $$;
COMMENT ON FUNCTION fund.promise_for IS
    'Locks the first promise for a request of which a card of that worth can be paid; an outcome where there is none. '
    'One card is one payment, of one promise.';

CREATE FUNCTION fund.new_card_payment(it fund.request, promise fund.commitment, pence bigint, number text) RETURNS uuid
LANGUAGE plpgsql AS $$
DECLARE
    made uuid;
BEGIN
    INSERT INTO fund.payment (reference, organisation_id, commitment_id, cause_id, household_id, amount_pence, means,
                              serial, made_by)
    VALUES (fund.new_payment_reference(), promise.organisation_id, promise.id, it.id, it.household_id, pence, it.means,
            number, audit.me('account')::uuid)
    ON CONFLICT (organisation_id, serial) WHERE serial IS NOT NULL AND state <> 'bounced' DO NOTHING
    RETURNING id INTO made;
    RETURN made;
END $$;
COMMENT ON FUNCTION fund.new_card_payment IS 'The payment that a card is; NULL where its number was handed out before.';

CREATE FUNCTION fund.issue_card(it fund.request, number text) RETURNS fund.told LANGUAGE plpgsql AS $$
DECLARE
    card fund.card;
    met record;
    promise fund.commitment;
    payment uuid;
    booked uuid;
BEGIN
    SELECT * INTO card FROM fund.card c
     WHERE c.organisation_id = it.keeper_id AND c.serial = number AND c.state = 'in_stock';
    IF NOT FOUND OR NOT fund.card_pays(card, it) THEN
        RETURN ROW('not_in_stock', NULL, NULL, NULL, NULL)::fund.told;
    END IF;
    PERFORM fund.hold_years(ARRAY(SELECT c.pot_year_id FROM fund.commitment c WHERE c.cause_id = it.id)
                            || card.pot_year_id);
    met := fund.promise_for(it, card.face_pence);
    IF (met.told).outcome IS NOT NULL THEN
        RETURN met.told;
    END IF;
    promise := met.promise;
    SELECT * INTO card FROM fund.card c
     WHERE c.id = card.id AND c.state = 'in_stock' AND c.pot_year_id = card.pot_year_id FOR NO KEY UPDATE;
    payment := CASE WHEN FOUND THEN fund.new_card_payment(it, promise, card.face_pence, number) END;
    IF payment IS NULL THEN
        RETURN ROW('not_in_stock', NULL, NULL, NULL, NULL)::fund.told;
    END IF;
    PERFORM fund.lock_accounts(ARRAY[promise.pot_year_id, card.pot_year_id]);
    UPDATE fund.commitment c
       SET open = promise.open - card.face_pence, paid = promise.paid + card.face_pence, version = promise.version + 1
     WHERE c.id = promise.id;
    PERFORM fund.settle_posting('release', promise, 'committed', 'free', card.face_pence);
    booked := fund.post('issue', 'request', it.id,
                        (SELECT fund.day_in(y.year) FROM fund.pot_year y WHERE y.id = card.pot_year_id),
                        ARRAY[fund.moved(card.pot_year_id, 'float', 'paid', card.face_pence)], it.household_id);
    UPDATE fund.payment p
       SET state = 'confirmed', settled_on = today(), settled_by = p.made_by, confirmed_by = booked
     WHERE p.id = payment;
    UPDATE fund.card c SET state = 'handed_out', payment_id = payment, version = c.version + 1 WHERE c.id = card.id;
    UPDATE fund.request r SET version = r.version + 1 WHERE r.id = it.id;
    PERFORM fund.settle_paid(it.id);
    RETURN ROW('done', it.id, NULL, NULL, NULL)::fund.told;
END $$;
COMMENT ON FUNCTION fund.issue_card IS
    'Hands a card out of the stock out for a request, which is locked: what was promised is free again, since the card '
    'was spent when it was bought, and its worth is paid out of the stock.';

CREATE OR REPLACE FUNCTION fund.issue(one uuid, seen integer, number text) RETURNS fund.told
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
DECLARE
    me uuid := audit.caller();
    claimed record := fund.claim(one, seen, 'issue');
    it fund.request := claimed.it;
    met record;
    told fund.told;
BEGIN
    told.outcome := CASE WHEN claimed.outcome IS NOT NULL OR me IS NULL THEN coalesce(claimed.outcome, 'none')
        WHEN fund.has_account(it.means) THEN 'means' END;
    IF told.outcome IS NOT NULL THEN
        RETURN told;
    ELSIF fund.keeps_stock(it.keeper_id, it.means) THEN
        RETURN fund.issue_card(it, number);
    END IF;
    PERFORM fund.hold_years(ARRAY(SELECT c.pot_year_id FROM fund.commitment c WHERE c.cause_id = one));
    met := fund.promise_for(it, 0);
    IF (met.told).outcome IS NOT NULL THEN
        RETURN met.told;
    END IF;
    told.left_pence := fund.payable_now(met.promise);
    IF fund.new_card_payment(it, met.promise, told.left_pence, number) IS NULL THEN
        RETURN ROW('serial_used', NULL, NULL, NULL, NULL)::fund.told;
    END IF;
    PERFORM fund.take_payment(met.promise, told.left_pence);
    UPDATE fund.request r SET version = it.version + 1 WHERE r.id = one;
    RETURN ROW('done', one, NULL, NULL, NULL)::fund.told;
END $$;
COMMENT ON FUNCTION fund.issue IS
    'Records that a card or voucher with that number was handed out for a request: that is the payment. Where the '
    'pot''s keeper keeps them in stock, it comes out of that. It may be done at night before the review of what was '
    'decided alone, since that is what the emergency lane is for.';

-- ---- taken back ----

CREATE FUNCTION fund.take_back(it fund.payment, promise fund.commitment, day date, why bounce_reason)
RETURNS run_outcome LANGUAGE plpgsql AS $$
DECLARE
    card fund.card;
BEGIN
    SELECT * INTO STRICT card FROM fund.card c WHERE c.payment_id = it.id;
    PERFORM fund.hold_years(ARRAY[card.pot_year_id]);
    PERFORM FROM fund.card c WHERE c.id = card.id FOR NO KEY UPDATE;
    IF EXISTS (SELECT FROM fund.pot_year y WHERE y.id = card.pot_year_id AND y.state = 'closed') THEN
        RETURN 'year_closed';
    END IF;
    PERFORM fund.lock_accounts(ARRAY[promise.pot_year_id, card.pot_year_id]);
    IF fund.settle_posting('raise', promise, 'free', 'committed', it.amount_pence) IS NULL THEN
        RETURN 'short';
    END IF;
    PERFORM fund.post('take_back', promise.cause, promise.cause_id,
                      (SELECT fund.day_in(y.year) FROM fund.pot_year y WHERE y.id = card.pot_year_id),
                      ARRAY[fund.moved(card.pot_year_id, 'paid', 'float', it.amount_pence)], promise.household_id);
    UPDATE fund.commitment c
       SET open = promise.open + it.amount_pence, paid = promise.paid - it.amount_pence, version = promise.version + 1,
           expires_on = CASE WHEN promise.expires_on < today() + 30 THEN today() + 30 ELSE promise.expires_on END
     WHERE c.id = promise.id;
    UPDATE fund.card c SET state = 'in_stock', payment_id = NULL, version = c.version + 1 WHERE c.id = card.id;
    UPDATE fund.payment p
       SET state = 'bounced', settled_on = day, settled_by = audit.me('account')::uuid, reason = why,
           confirmed_by = NULL, version = it.version + 1
     WHERE p.id = it.id;
    IF EXISTS (SELECT FROM household h WHERE h.id = it.household_id AND h.erased_at IS NOT NULL) THEN
        PERFORM fund.end_request(it.cause_id);
    END IF;
    PERFORM fund.settle_paid(it.cause_id);
    RETURN 'done';
END $$;
COMMENT ON FUNCTION fund.take_back IS
    'A card out of the stock that was handed out comes back unused: it is in stock again, and what it was for is '
    'promised again, where the pot has that much free.';

CREATE OR REPLACE FUNCTION fund.bounce(one uuid, seen integer, day date, why bounce_reason) RETURNS run_outcome
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
DECLARE
    me uuid := audit.caller();
    locked record := fund.lock_payment(one, seen);
    it fund.payment := locked.it;
BEGIN
    IF me IS NULL OR locked.outcome IS NOT NULL THEN
        RETURN coalesce(locked.outcome, 'none');
    ELSIF it.state NOT IN ('pending', 'confirmed') OR it.recovered_pence > 0 THEN
        RETURN 'wrong_state';
    ELSIF it.made_by = me THEN
        RETURN 'own';
    ELSIF day < london_day(it.made_at) THEN
        RETURN 'too_early';
    END IF;
    IF EXISTS (SELECT FROM fund.card c WHERE c.payment_id = one) THEN
        RETURN fund.take_back(it, locked.promise, day, why);
    END IF;
    PERFORM fund.settle_bounced(it, locked.promise, day, why);
    RETURN 'done';
END $$;

CREATE OR REPLACE FUNCTION fund.unconfirm(one uuid, seen integer) RETURNS run_outcome
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
DECLARE
    me uuid := audit.caller();
    locked record := fund.lock_payment(one, seen);
    it fund.payment := locked.it;
    promise fund.commitment := locked.promise;
BEGIN
    IF me IS NULL OR locked.outcome IS NOT NULL THEN
        RETURN coalesce(locked.outcome, 'none');
    ELSIF it.state <> 'confirmed' OR it.recovered_pence > 0
          OR EXISTS (SELECT FROM fund.card c WHERE c.payment_id = one) THEN
        RETURN 'wrong_state';
    END IF;
    PERFORM fund.keep_vat(it, fund.settle_posting('reverse', promise, 'paid', 'in_payment', it.amount_pence,
                                                  it.confirmed_by));
    UPDATE fund.commitment c
       SET in_payment = promise.in_payment + it.amount_pence, paid = promise.paid - it.amount_pence,
           version = promise.version + 1
     WHERE c.id = promise.id;
    UPDATE fund.payment p
       SET state = 'pending', settled_on = NULL, settled_by = NULL, confirmed_by = NULL, version = it.version + 1
     WHERE p.id = one;
    PERFORM fund.settle_paid(it.cause_id);
    PERFORM fund.settle_run(it.run_id);
    RETURN 'done';
END $$;

CREATE OR REPLACE FUNCTION fund.recover(one uuid, seen integer, amount bigint, why recovery_reason) RETURNS run_outcome
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
DECLARE
    me uuid := audit.caller();
    locked record := fund.lock_payment(one, seen);
    it fund.payment := locked.it;
    promise fund.commitment := locked.promise;
    into_year uuid := fund.year_that_takes(coalesce((SELECT c.pot_year_id FROM fund.card c WHERE c.payment_id = one),
                                                    promise.pot_year_id));
BEGIN
    IF me IS NULL OR coalesce(locked.outcome, 'year_closed') <> 'year_closed' THEN
        RETURN coalesce(locked.outcome, 'none');
    ELSIF it.state <> 'confirmed' THEN
        RETURN 'wrong_state';
    ELSIF amount > it.amount_pence - it.recovered_pence THEN
        RETURN 'too_much';
    ELSIF into_year IS NULL THEN
        RETURN 'year_closed';
    END IF;
    PERFORM fund.hold_years(ARRAY[into_year]);
    INSERT INTO fund.recovery (payment_id, household_id, organisation_id, amount_pence, reason, recorded_by, posting_id)
    VALUES (one, it.household_id, it.organisation_id, amount, why, me,
            fund.post('recover', promise.cause, promise.cause_id,
                      (SELECT fund.day_in(y.year) FROM fund.pot_year y WHERE y.id = into_year),
                      ARRAY[fund.moved(into_year, 'recovered', 'free', amount)], promise.household_id));
    UPDATE fund.payment p SET recovered_pence = it.recovered_pence + amount, version = it.version + 1 WHERE p.id = one;
    RETURN 'done';
END $$;

-- ---- closing a year ----

CREATE OR REPLACE FUNCTION fund.unsettled(one uuid) RETURNS TABLE (what fund_account, pence bigint)
LANGUAGE sql STABLE AS $$
    SELECT a.kind, a.balance FROM fund.account a
     WHERE a.pot_year_id = one AND a.kind IN ('committed', 'in_payment') AND a.balance <> 0
    UNION ALL
    -- the stock goes into the next year with its worth, once no loss of it is open
    SELECT a.kind, a.balance FROM fund.account a JOIN fund.pot_year y ON y.id = a.pot_year_id
     WHERE a.pot_year_id = one AND a.kind = 'float' AND a.balance <> 0
       AND (EXISTS (SELECT FROM fund.card c WHERE c.pot_year_id = one AND c.state = 'loss_reported')
            OR NOT EXISTS (SELECT FROM fund.pot_year n
                            WHERE n.pot_id = y.pot_id AND n.year = y.year + 1 AND n.state <> 'closed'))
    UNION ALL
    SELECT 'suspense', sum(abs(r.amount_pence))::bigint FROM fund.statement_row r
      JOIN fund.pot_year y ON y.id = one AND y.organisation_id = r.organisation_id
     WHERE r.state = 'suspended' HAVING count(*) > 0
$$;

CREATE FUNCTION fund.carry_stock(it fund.pot_year, into_year uuid, last_day date) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    worth bigint := (SELECT a.balance FROM fund.account a WHERE a.id = fund.account_of(it.id, 'float'));
BEGIN
    IF worth > 0 THEN
        PERFORM fund.post('carry', 'pot_year', it.id, last_day,
                          ARRAY[fund.moved(it.id, 'float', 'carried_out', worth),
                                fund.moved(into_year, 'granted', 'float', worth)]);
        UPDATE fund.card c SET pot_year_id = into_year, version = c.version + 1
         WHERE c.pot_year_id = it.id AND c.state = 'in_stock';
    END IF;
END $$;
COMMENT ON FUNCTION fund.carry_stock IS
    'Carries the cards in stock of a year that closes into the next one, with their worth.';

CREATE OR REPLACE FUNCTION fund.close_year(it fund.pot_year) RETURNS pot_outcome LANGUAGE plpgsql AS $$
DECLARE
    free bigint;
    carry fund_carry := (SELECT p.carry FROM fund.pot p WHERE p.id = it.pot_id);
    next fund.pot_year;
    last_day date := fund.first_day(it.year + 1) - 1;
    done uuid;
BEGIN
    SELECT * INTO next FROM fund.pot_year y
     WHERE y.pot_id = it.pot_id AND y.year = it.year + 1 AND y.state <> 'closed' FOR NO KEY UPDATE;
    PERFORM fund.lock_accounts(ARRAY[it.id, next.id]);
    free := (SELECT a.balance FROM fund.account a WHERE a.id = fund.account_of(it.id, 'free'));
    IF NOT fund.settled(it.id) THEN
        RETURN 'unsettled';
    ELSIF fund.unexported(it) > 0 THEN
        RETURN 'unexported';
    ELSIF free > 0 AND carry = 'carry' AND next.id IS NULL THEN
        RETURN 'no_next_year';
    END IF;
    PERFORM fund.carry_stock(it, next.id, last_day);
    IF free = 0 THEN
        RETURN NULL;
    END IF;
    done := CASE carry
        WHEN 'lapse' THEN fund.post('lapse', 'pot_year', it.id, last_day,
                                    ARRAY[fund.moved(it.id, 'free', 'lapsed', free)])
        ELSE fund.post('carry', 'pot_year', it.id, last_day,
                       ARRAY[fund.moved(it.id, 'free', 'carried_out', free),
                             fund.moved(next.id, 'granted', 'free', free)]) END;
    RETURN CASE WHEN done IS NULL THEN 'unsettled' END;
END $$;

-- ---- figures ----

CREATE OR REPLACE VIEW fund.year_view WITH (security_invoker = true) AS
SELECT y.id, y.pot_id, p.organisation_id, o.name AS organisation, p.name, p.funder, y.year,
       fund.year_named(y.year) AS financial_year, y.state,
       p.organisation_id = my_organisation() AS ours, -a.granted AS budget_pence, a.free AS free_pence,
       a.committed AS committed_pence, a.in_payment AS in_payment_pence, a.paid + a.recovered AS spent_pence,
       a.lapsed + a.carried_out AS gone_pence, y.version,
       CASE y.state WHEN 'open' THEN a.free
                    WHEN 'provisional' THEN greatest(0, a.free + a.granted
                        - (a.granted * p.provisional_percent) / 100) ELSE 0 END AS spendable_pence,
       a.float AS stock_pence
  FROM fund.pot_year y
  JOIN fund.pot p ON p.id = y.pot_id
  JOIN organisation o ON o.id = p.organisation_id
 CROSS JOIN LATERAL (SELECT coalesce(sum(balance) FILTER (WHERE kind = 'granted'), 0)::bigint AS granted,
                            coalesce(sum(balance) FILTER (WHERE kind = 'free'), 0)::bigint AS free,
                            coalesce(sum(balance) FILTER (WHERE kind = 'committed'), 0)::bigint AS committed,
                            coalesce(sum(balance) FILTER (WHERE kind = 'in_payment'), 0)::bigint AS in_payment,
                            coalesce(sum(balance) FILTER (WHERE kind = 'paid'), 0)::bigint AS paid,
                            coalesce(sum(balance) FILTER (WHERE kind = 'recovered'), 0)::bigint AS recovered,
                            coalesce(sum(balance) FILTER (WHERE kind = 'lapsed'), 0)::bigint AS lapsed,
                            coalesce(sum(balance) FILTER (WHERE kind = 'carried_out'), 0)::bigint AS carried_out,
                            coalesce(sum(balance) FILTER (WHERE kind = 'float'), 0)::bigint AS float
                       FROM fund.account x WHERE x.pot_year_id = y.id) a;

COMMENT ON VIEW fund.year_view IS
    'A pot''s year in pence: the budget is what is free, committed, in payment, spent, in stock and gone, since an '
    'amount is in exactly one of them. spendable_pence is what may be promised today.';

CREATE OR REPLACE FUNCTION fund.figures_of(years uuid[], of_category fund_category, on_day date) RETURNS fund.figures
LANGUAGE plpgsql STABLE AS $$
DECLARE
    f fund.figures;
    pots uuid[] := ARRAY(SELECT DISTINCT y.pot_id FROM fund.pot_year y WHERE y.id = ANY (years));
    of_year integer := (SELECT max(y.year) FROM fund.pot_year y WHERE y.id = ANY (years));
    last_day date := fund.first_day(of_year + 1) - 1;
BEGIN
    f.on_day := on_day;
    f.days_left := fund.days_left(of_year, on_day);
    SELECT coalesce(sum(c.paid), 0), coalesce(sum(c.in_payment), 0),
           coalesce(sum(c.open) FILTER (WHERE c.open > 0 AND NOT fund.recurs(c.cause, c.cause_id)), 0),
           -- nothing falls due of what is paid: a year has thousands of these, and few that are open
           coalesce(sum(fund.recurring_due(c, last_day)) FILTER (WHERE c.open > 0), 0)
      INTO f.paid, f.in_payment, f.one_off, f.recurring
      FROM fund.commitment c
     WHERE c.pot_year_id = ANY (years)
       AND (of_category IS NULL OR fund.category_of(c.cause, c.cause_id) = of_category);
    SELECT coalesce(-sum(a.balance) FILTER (WHERE a.kind = 'granted'), 0),
           coalesce(sum(a.balance) FILTER (WHERE a.kind = 'free'), 0),
           CASE WHEN of_category IS NOT NULL THEN f.paid -- what the accounts do not know
                ELSE coalesce(sum(a.balance) FILTER (WHERE a.kind IN ('paid', 'recovered', 'float')), 0) END
      INTO f.budget, f.free, f.paid
      FROM fund.account a WHERE a.pot_year_id = ANY (years);
    f.asked := (SELECT coalesce(sum(p.amount_pence), 0) FROM fund.part p JOIN fund.request r ON r.id = p.request_id
                 WHERE p.pot_year_id = ANY (years) AND r.state IN ('requested', 'second_needed')
                   AND (of_category IS NULL OR r.category = of_category));
    SELECT coalesce(sum(p.amount_pence), 0),
           coalesce(sum(p.amount_pence) FILTER (WHERE r.state <> 'rejected'), 0)
      INTO f.decided, f.granted
      FROM fund.pot_year y JOIN fund.part p ON p.pot_year_id = y.id JOIN fund.request r ON r.id = p.request_id
     WHERE y.pot_id = ANY (pots) AND r.state IN ('approved', 'paid', 'expired', 'rejected')
       AND (of_category IS NULL OR r.category = of_category)
       AND (r.decided_at AT TIME ZONE 'Europe/London')::date > on_day - 7 * 26
       AND (r.decided_at AT TIME ZONE 'Europe/London')::date <= on_day;
    f.weeks := fund.weeks_before(pots, of_category, on_day);
    RETURN f;
END $$;

-- A card is a debit when it is bought, and nothing when it is handed out.
CREATE OR REPLACE FUNCTION fund.gl_side(act fund_act, source fund_account, target fund_account) RETURNS integer
LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN source = 'free' AND target = 'float' THEN 1
                WHEN source = 'float' AND target = 'free' THEN -1
                WHEN 'float' IN (source, target) THEN 0
                WHEN target IN ('paid', 'lapsed', 'carried_out', 'recovered') THEN 1
                WHEN source IN ('paid', 'lapsed', 'carried_out', 'recovered') THEN -1
                WHEN source = 'granted' AND act = 'carry' THEN -1
                WHEN source = 'free' AND target = 'committed' THEN 1
                WHEN source = 'committed' AND target = 'free' THEN -1 ELSE 0 END
$$;

CREATE OR REPLACE FUNCTION fund.gl_acts(organisation uuid) RETURNS TABLE (act fund_act, counts_from timestamptz)
LANGUAGE sql STABLE ROWS 5 AS $$
    SELECT a.act, a.counts_from FROM fund.gl_act a WHERE a.organisation_id = organisation
     UNION ALL
    SELECT d.act, '-infinity'
      FROM unnest(ARRAY['confirm', 'bounce', 'recover', 'lapse', 'carry', 'stock', 'void_unused']) d (act)
     WHERE NOT EXISTS (SELECT FROM fund.gl_act a WHERE a.organisation_id = organisation)
$$;
COMMENT ON TABLE fund.gl_act IS
    'Acts that go to the general ledger, of what was booked from an instant on. Where an organisation has none: '
    'confirm, bounce, recover, lapse, carry, stock and void_unused, of all that was booked. A reversal goes where its '
    'act went.';

-- ---- shown ----

CREATE VIEW fund.card_view WITH (security_invoker = true) AS
SELECT c.id, c.serial, c.kind, c.face_pence, c.state, c.lot_id, c.pot_year_id, t.name AS pot,
       fund.year_named(y.year) AS financial_year, l.supplier, l.invoice, colleague_name(l.bought_by) AS bought_by,
       utc(l.bought_at) AS bought_at, q.id AS request_id, q.reference AS request, c.payment_id, c.loss,
       colleague_name(c.reported_by) AS reported_by, utc(c.reported_at) AS reported_at,
       colleague_name(c.settled_by) AS settled_by, utc(c.settled_at) AS settled_at,
       coalesce(c.reported_by = audit.me('account')::uuid, false) AS own, c.version
  FROM fund.card c
  JOIN fund.stock_lot l ON l.id = c.lot_id
  JOIN fund.pot_year y ON y.id = c.pot_year_id
  JOIN fund.pot t ON t.id = y.pot_id
  LEFT JOIN fund.payment p ON p.id = c.payment_id
  LEFT JOIN fund.request q ON q.id = p.cause_id;
COMMENT ON VIEW fund.card_view IS 'A card or voucher of the stock as lists show it.';
GRANT SELECT ON fund.card_view TO haven_app;

CREATE VIEW fund.count_view WITH (security_invoker = true) AS
SELECT c.id, c.kind, c.face_pence, c.counted, c.expected, c.counted <> c.expected AND c.reason IS NULL AS open,
       colleague_name(c.counted_by) AS counted_by, utc(c.counted_at) AS counted_at,
       coalesce(c.counted_by = audit.me('account')::uuid, false) AS own, c.reason,
       colleague_name(c.explained_by) AS explained_by, utc(c.explained_at) AS explained_at, c.version
  FROM fund.stock_count c;
COMMENT ON VIEW fund.count_view IS
    'A count of the stock as lists show it. Open: it differs and nobody has explained it.';
GRANT SELECT ON fund.count_view TO haven_app;
