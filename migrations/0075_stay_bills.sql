-- Interim stays are paid. The nights that have been are billed: their money moves from the promise of the stay to that
-- of a request, which names the hotel and is paid by the runs as every other one. Nothing is booked for that, since
-- the money stays promised out of the same year.

SELECT add_codes('fund_outcome', '{no_nights}');

CREATE TABLE fund.stay_bill (
    request_id uuid PRIMARY KEY REFERENCES fund.request,
    placement_id uuid NOT NULL REFERENCES placement,
    household_id uuid NOT NULL REFERENCES household,
    from_day date NOT NULL,
    until_day date NOT NULL,
    ended boolean NOT NULL DEFAULT false,
    CONSTRAINT bill_period CHECK (until_day > from_day),
    CONSTRAINT bill_once EXCLUDE USING gist (placement_id WITH =, daterange(from_day, until_day) WITH &&)
        WHERE (NOT ended)
);
COMMENT ON TABLE fund.stay_bill IS 'A request that pays for nights of an interim placement; no night is in two.';
COMMENT ON COLUMN fund.stay_bill.request_id IS 'The request; its amount is that of the nights.';
COMMENT ON COLUMN fund.stay_bill.placement_id IS 'The placement.';
COMMENT ON COLUMN fund.stay_bill.household_id IS 'The household: its trail has it.';
COMMENT ON COLUMN fund.stay_bill.from_day IS 'The first night.';
COMMENT ON COLUMN fund.stay_bill.until_day IS 'The day after the last night.';
COMMENT ON COLUMN fund.stay_bill.ended IS 'It was cancelled or has expired: its nights can be billed again.';
CREATE INDEX stay_bill_placement ON fund.stay_bill (placement_id);
SELECT guard('fund.stay_bill', 'alone', erase => 'kept');
CREATE POLICY requests ON fund.stay_bill FOR SELECT TO haven_app
    USING (request_id IN (SELECT r.id FROM fund.request r));

CREATE FUNCTION fund.stay_money(stay uuid) RETURNS SETOF fund.commitment LANGUAGE plpgsql STABLE ROWS 2 AS $$
BEGIN
    RETURN QUERY SELECT c.* FROM fund.commitment c WHERE c.cause_id = stay;
    RETURN QUERY SELECT c.* FROM fund.stay_bill b JOIN fund.commitment c ON c.cause_id = b.request_id
                  WHERE b.placement_id = stay;
END $$;
COMMENT ON FUNCTION fund.stay_money IS 'What is promised for an interim placement, with what was billed of it.';

CREATE FUNCTION fund.bill_ends() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
BEGIN
    UPDATE fund.stay_bill b SET ended = true WHERE b.request_id = NEW.id AND NOT b.ended;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION fund.bill_ends IS 'The nights of a bill that is over unpaid can be billed again.';
CREATE TRIGGER request_bill_ends AFTER UPDATE OF state ON fund.request FOR EACH ROW
    WHEN (NEW.state IN ('cancelled', 'expired', 'rejected')) EXECUTE FUNCTION fund.bill_ends();

-- ---- the promise follows the nights, with what was billed of them ----

CREATE FUNCTION fund.cut_bills(stay uuid, of_year integer, too_much bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    bill fund.stay_bill;
    one fund.commitment;
    pence bigint;
BEGIN
    FOR bill IN SELECT * FROM fund.stay_bill b WHERE b.placement_id = stay AND NOT b.ended ORDER BY b.from_day DESC LOOP
        EXIT WHEN too_much <= 0;
        PERFORM FROM fund.request r WHERE r.id = bill.request_id FOR NO KEY UPDATE;
        SELECT c.* INTO one FROM fund.commitment c JOIN fund.pot_year y ON y.id = c.pot_year_id
         WHERE c.cause_id = bill.request_id AND y.year = of_year FOR NO KEY UPDATE OF c;
        pence := least(one.open, too_much);
        CONTINUE WHEN coalesce(pence, 0) <= 0;
        PERFORM fund.release_part(one, pence);
        PERFORM fund.settle_paid(bill.request_id);
        UPDATE fund.request r
           SET state = 'cancelled', reason = 'not_needed', decided_at = now(), version = r.version + 1
         WHERE r.id = bill.request_id AND r.state = 'approved'
           AND one.open = pence AND one.in_payment + one.paid = 0;
        too_much := too_much - pence;
    END LOOP;
END $$;
COMMENT ON FUNCTION fund.cut_bills IS
    'Gives back what is billed for nights that were not stayed and is not on its way, the latest bill first.';

CREATE OR REPLACE FUNCTION fund.follow_stay(p placement) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    nights daterange := fund.stay_paid(p);
    one record;
    too_much bigint;
BEGIN
    FOR one IN
        SELECT g.year, c AS had,
               fund.nights_cost(nights * daterange(fund.first_day(g.year), fund.first_day(g.year + 1))) AS pence,
               (SELECT coalesce(sum(m.promised - m.released), 0) FROM fund.stay_money(p.id) m
                  JOIN fund.pot_year y ON y.id = m.pot_year_id WHERE y.year = g.year)::bigint AS promised
          FROM (SELECT generate_series(fund.year_of(lower(nights)), fund.year_of(upper(nights) - 1)) AS year
                UNION
                SELECT y.year FROM fund.commitment k JOIN fund.pot_year y ON y.id = k.pot_year_id
                 WHERE k.cause_id = p.id) g
          LEFT JOIN (fund.commitment c JOIN fund.pot_year cy ON cy.id = c.pot_year_id)
                 ON c.cause_id = p.id AND cy.year = g.year
         ORDER BY g.year LOOP
        PERFORM FROM fund.commitment c WHERE c.id = (one.had).id FOR NO KEY UPDATE;
        too_much := one.promised - one.pence;
        IF (one.had).id IS NULL THEN
            PERFORM fund.commit_stay(p, one.year, one.pence);
        ELSIF too_much > 0 THEN
            PERFORM fund.release_part(one.had, least((one.had).open, too_much));
            PERFORM fund.cut_bills(p.id, one.year, too_much - least((one.had).open, too_much));
        ELSIF too_much < 0 THEN
            PERFORM fund.raise_by(one.had, -too_much);
        END IF;
    END LOOP;
END $$;

CREATE OR REPLACE FUNCTION fund.keep_stays() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    p placement;
BEGIN
    FOR p IN SELECT s.* FROM placement s JOIN unit u ON u.id = s.unit_id JOIN property t ON t.id = u.property_id
              WHERE s.state = 'arrived' AND t.type = 'interim'
                AND fund.nights_cost(fund.stay_paid(s))
                    > (SELECT coalesce(sum(c.promised - c.released), 0) FROM fund.stay_money(s.id) c)
              ORDER BY s.unit_id LIMIT 100 FOR NO KEY UPDATE OF s SKIP LOCKED LOOP
        PERFORM fund.follow_stay(p);
    END LOOP;
END $$;

-- ---- the bill ----

CREATE FUNCTION fund.unbilled(p placement) RETURNS daterange LANGUAGE sql STABLE AS $$
    SELECT coalesce((SELECT n.nights
                       FROM unnest(datemultirange(fund.stay_paid(p))
                                   - coalesce((SELECT range_agg(daterange(b.from_day, b.until_day))
                                                 FROM fund.stay_bill b WHERE b.placement_id = p.id AND NOT b.ended),
                                              '{}')) n (nights)
                      ORDER BY n.nights LIMIT 1), 'empty')
$$;
COMMENT ON FUNCTION fund.unbilled IS 'The first unbroken nights of an interim placement that are in no bill.';

CREATE FUNCTION fund.to_bill(p placement, invoiced boolean) RETURNS daterange LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN isempty(u.nights) OR p.state NOT IN ('arrived', 'departed') THEN 'empty'
           ELSE u.nights * daterange(NULL, least(CASE WHEN NOT invoiced THEN today() END,
                                                 fund.first_day(fund.year_of(lower(u.nights)) + 1))) END
      FROM (SELECT fund.unbilled(p) AS nights) u
$$;
COMMENT ON FUNCTION fund.to_bill IS
    'The nights that can be billed today, of one financial year: those that have been, or with an invoice all that '
    'are promised.';

CREATE FUNCTION fund.bill_cost(p placement, nights daterange) RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT greatest(0, least(fund.nights_cost(nights),
                             fund.nights_cost(fund.stay_paid(p) * daterange(fund.first_day(y.year),
                                                                            fund.first_day(y.year + 1)))
                             - (SELECT coalesce(sum(c.promised - c.released), 0) FROM fund.stay_bill b
                                  JOIN fund.commitment c ON c.cause_id = b.request_id
                                  JOIN fund.pot_year t ON t.id = c.pot_year_id
                                 WHERE b.placement_id = p.id AND t.year = y.year)))::bigint
      FROM (SELECT fund.year_of(lower(nights)) AS year) y
$$;
COMMENT ON FUNCTION fund.bill_cost IS
    'Pence of nights to be billed, less what was billed of the same year for nights that were not stayed.';

CREATE FUNCTION fund.stay_open(p placement, of_year integer, pence bigint) RETURNS fund.commitment
LANGUAGE plpgsql AS $$
DECLARE
    one fund.commitment;
BEGIN
    FOR round IN 1 .. 2 LOOP
        SELECT c.* INTO one FROM fund.commitment c JOIN fund.pot_year y ON y.id = c.pot_year_id
         WHERE c.cause_id = p.id AND y.year = of_year FOR NO KEY UPDATE OF c;
        EXIT WHEN one.open >= pence OR round = 2;
        IF one.id IS NULL THEN
            PERFORM fund.commit_stay(p, of_year, pence);
        ELSE
            PERFORM fund.raise_by(one, pence - one.open);
        END IF;
    END LOOP;
    RETURN one;
END $$;
COMMENT ON FUNCTION fund.stay_open IS
    'What is promised for the nights of a year, locked; with what is missing, where the pot has it.';

CREATE FUNCTION fund.put_bill(p placement, nights daterange, one fund.commitment, pence bigint, invoiced boolean)
RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE
    me uuid := audit.me('account')::uuid;
    it fund.request;
BEGIN
    UPDATE fund.commitment c SET open = one.open - pence, released = one.released + pence, version = one.version + 1
     WHERE c.id = one.id;
    INSERT INTO fund.request (household_id, organisation_id, keeper_id, category, amount_pence, means, needed_on,
                              evidence, state, decided_at, asked_by, changed_by, touched)
    VALUES (p.household_id, my_organisation(), one.organisation_id, 'emergency_night', pence, 'supplier', today(),
            CASE WHEN invoiced THEN 'invoice' ELSE 'none_yet' END, 'approved', now(), me, me, ARRAY[me])
    RETURNING * INTO it;
    INSERT INTO fund.part VALUES (it.id, 1, one.pot_year_id, pence);
    INSERT INTO fund.stay_bill VALUES (it.id, p.id, p.household_id, lower(nights), upper(nights));
    INSERT INTO fund.commitment (organisation_id, cause, cause_id, household_id, pot_year_id, promised, open,
                                 expires_on)
    VALUES (one.organisation_id, 'request', it.id, p.household_id, one.pot_year_id, pence, pence, today() + 90);
    PERFORM fund.payee_tasks(it);
    RETURN it.id;
END $$;
COMMENT ON FUNCTION fund.put_bill IS
    'Moves the money of nights from the promise of their stay to a request for them. It is approved, since the nights '
    'are promised by the hold and the rate is not typed.';

CREATE FUNCTION fund.bill_stay(stay uuid, invoiced boolean) RETURNS fund.told
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
DECLARE
    me uuid := audit.caller();
    p placement;
    nights daterange;
    one fund.commitment;
    pence bigint;
    told fund.told;
BEGIN
    PERFORM fund.lock_homes((SELECT s.household_id FROM placement s WHERE s.id = stay));
    SELECT * INTO p FROM placement s WHERE s.id = stay FOR NO KEY UPDATE;
    IF me IS NULL OR p.id IS NULL OR p.erased OR NOT fund.may_ask(p.household_id) THEN
        told.outcome := CASE WHEN fund.reads_only(p.household_id, 'change') THEN 'read_only' ELSE 'none' END;
        RETURN told;
    END IF;
    nights := CASE WHEN fund.is_interim(p) THEN fund.to_bill(p, invoiced) ELSE 'empty' END;
    pence := fund.bill_cost(p, nights);
    IF isempty(nights) OR pence = 0 THEN
        told.outcome := 'no_nights';
        RETURN told;
    END IF;
    one := fund.stay_open(p, fund.year_of(lower(nights)), pence);
    PERFORM fund.hold_years(ARRAY[one.pot_year_id]);
    IF one.open >= pence THEN
        RETURN ROW('done', fund.put_bill(p, nights, one, pence, invoiced), NULL, NULL, NULL)::fund.told;
    END IF;
    told.outcome := 'short';
    told.left_pence := coalesce(one.open, 0);
    RETURN told;
END $$;
COMMENT ON FUNCTION fund.bill_stay IS
    'Bills the nights of an interim placement that have been, or with an invoice all that are promised: from then on '
    'they can be paid. Never more than the nights; no night twice.';
GRANT EXECUTE ON FUNCTION fund.bill_stay TO haven_app;

-- A bill is for its nights: it is neither changed nor opened again, but cancelled and made anew.
CREATE FUNCTION fund.is_bill(request uuid) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN EXISTS (SELECT FROM fund.stay_bill b WHERE b.request_id = request);
END $$;
COMMENT ON FUNCTION fund.is_bill IS 'Whether a request pays for nights of an interim placement.';

CREATE OR REPLACE FUNCTION fund.settle_request(r fund.request, parts jsonb) RETURNS fund.told LANGUAGE plpgsql AS $$
DECLARE
    told fund.told;
    p fund.promise;
BEGIN
    SELECT * INTO p FROM fund.promise s WHERE s.request_id = r.id;
    told.outcome := CASE WHEN fund.is_bill(r.id) THEN 'wrong_state'
        WHEN p.request_id IS NULL THEN fund.put_parts(r, parts)
        WHEN parts IS NOT NULL OR NOT fund.promise_stands(r, p) THEN 'weekly'
        WHEN fund.overlaps(r, p) THEN 'overlap' ELSE fund.put_slices(r, p) END;
    IF told.outcome IS NULL THEN
        told.outcome := fund.pots_allow(r);
    END IF;
    IF told.outcome IS NULL THEN
        told := fund.caps_of(r, ARRAY[r.household_id]);
    END IF;
    RETURN told;
END $$;

CREATE OR REPLACE FUNCTION fund.acts_of(r fund.request) RETURNS text[] LANGUAGE sql STABLE AS $$
    SELECT ARRAY(SELECT s.act::text FROM fund.request_step s
                  WHERE s.state = r.state AND fund.on_side(r, s.side)
                    AND NOT (s.act IN ('approve', 'approve_now', 'agree_payee')
                             AND fund.own_request(r, audit.me('account')::uuid))
                    AND NOT (s.act IN ('reject', 'send_back')
                             AND fund.touched_by(r, audit.me('account')::uuid))
                    AND (s.act <> 'payee' OR fund.has_account(r.means))
                    AND (s.act <> 'issue' OR NOT fund.has_account(r.means))
                    AND (s.act <> 'agree_payee'
                         OR EXISTS (SELECT FROM fund.payee p WHERE p.request_id = r.id AND p.ended_at IS NULL
                                       AND NOT fund.payee_agreed(p.id)))
                    AND (s.act NOT IN ('stop', 'review')
                         OR EXISTS (SELECT FROM fund.promise p WHERE p.request_id = r.id AND p.stopped_on IS NULL))
                    AND NOT (s.act = 'reopen' AND EXISTS (SELECT FROM fund.stay_bill b WHERE b.request_id = r.id))
                  ORDER BY s.act)
$$;

-- ---- what is shown ----

CREATE FUNCTION fund.stay_seen(p placement) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN NOT p.erased AND fund.is_interim(p)
       AND (sees_cases() AND case_seen(p.household_id)
            OR (sees_books() OR approves_fund()) AND fund.shown(p.household_id)
               AND EXISTS (SELECT FROM fund.stay_money(p.id) c WHERE c.organisation_id = my_organisation()));
END $$;
COMMENT ON FUNCTION fund.stay_seen IS 'Whether the caller sees what an interim placement costs.';

CREATE FUNCTION fund.stay(one uuid)
RETURNS TABLE (placement_id uuid, household_id uuid, household_reference text, from_day date, until_day date,
               ended boolean, cost_pence bigint, promised_pence bigint, in_payment_pence bigint, paid_pence bigint,
               too_much_pence bigint, uncovered_pence bigint, bill_from date, bill_until date, bill_pence bigint,
               invoice_until date, may_bill boolean, bills json)
LANGUAGE plpgsql STABLE ROWS 1 SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
#variable_conflict use_column
BEGIN
    IF NOT sees_fund() THEN
        RETURN;
    END IF;
    RETURN QUERY
    SELECT p.id, CASE WHEN sees_cases() THEN seen_case(p.household_id) END, case_reference(p.household_id),
           lower(n.paid), upper(n.paid), p.state = 'departed', n.cost, m.promised, m.in_payment, m.paid,
           greatest(m.paid + m.in_payment - n.cost, 0), greatest(n.cost - m.promised, 0), lower(n.due), upper(n.due),
           coalesce(fund.bill_cost(p, n.due), 0), upper(n.invoiced),
           fund.may_ask(p.household_id) AND coalesce(fund.bill_cost(p, n.invoiced), 0) > 0,
           (SELECT coalesce(json_agg(json_build_object('request_id', r.id, 'reference', r.reference,
                                                       'from_day', b.from_day, 'until_day', b.until_day,
                                                       'amount_pence', r.amount_pence, 'state', r.state)
                                     ORDER BY b.from_day, r.asked_at), '[]')
              FROM fund.stay_bill b JOIN fund.request r ON r.id = b.request_id WHERE b.placement_id = p.id)
      FROM placement p
     CROSS JOIN LATERAL (SELECT fund.stay_paid(p) AS paid, fund.nights_cost(fund.stay_paid(p)) AS cost,
                                fund.to_bill(p, false) AS due, fund.to_bill(p, true) AS invoiced) n
     CROSS JOIN LATERAL (SELECT coalesce(sum(c.promised - c.released), 0)::bigint AS promised,
                                coalesce(sum(c.in_payment), 0)::bigint AS in_payment,
                                coalesce(sum(c.paid), 0)::bigint AS paid
                           FROM fund.stay_money(p.id) c) m
     WHERE p.id = one AND fund.stay_seen(p);
END $$;
COMMENT ON FUNCTION fund.stay IS
    'What an interim placement costs, what was billed and paid of it, and what can be billed today.';
GRANT EXECUTE ON FUNCTION fund.stay TO haven_app;

CREATE OR REPLACE FUNCTION fund.delays(since date, until date)
RETURNS TABLE (placement_id uuid, household_id uuid, household_reference text, from_day date, until_day date,
               ended boolean, delay fund_delay, nights bigint, pence bigint, promised_pence bigint,
               uncovered_pence bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
#variable_conflict use_column
BEGIN
    IF NOT sees_fund() THEN
        RETURN;
    END IF;
    RETURN QUERY
    WITH stay AS (
        SELECT p.id, p.household_id, p AS it, fund.stay_paid(p) AS paid, m.promised
          FROM placement p JOIN unit u ON u.id = p.unit_id JOIN property t ON t.id = u.property_id
         CROSS JOIN LATERAL (SELECT coalesce(sum(c.promised - c.released), 0)::bigint AS promised,
                                    bool_or(c.organisation_id = my_organisation()) AS ours
                               FROM fund.stay_money(p.id) c) m
         WHERE t.type = 'interim' AND p.state IN ('arrived', 'departed') AND NOT p.erased
           AND daterange(since, until) && p.period
           AND (sees_cases() AND case_seen(p.household_id)
                OR (sees_books() OR approves_fund()) AND m.ours AND fund.shown(p.household_id))
    ), night AS (
        SELECT s.id, n.day::date AS day
          FROM stay s
         CROSS JOIN LATERAL generate_series(greatest(lower(s.paid), since)::timestamp,
                                            (least(upper(s.paid), until, today() + 1) - 1)::timestamp,
                                            interval '1 day') n (day)
    ), cause AS (
        SELECT n.id, fund.delay_of(s.it, n.day) AS delay, count(*) AS nights,
               sum(fund.nights_cost(daterange(n.day, n.day + 1)))::bigint AS pence
          FROM night n JOIN stay s ON s.id = n.id GROUP BY 1, 2
    )
    SELECT s.id, CASE WHEN sees_cases() THEN seen_case(s.household_id) END, case_reference(s.household_id),
           lower(s.paid), upper(s.paid), (s.it).state = 'departed', c.delay, c.nights, c.pence, s.promised,
           greatest(fund.nights_cost(s.paid) - s.promised, 0)
      FROM cause c JOIN stay s ON s.id = c.id
     ORDER BY lower(s.paid), s.id, c.delay;
END $$;
