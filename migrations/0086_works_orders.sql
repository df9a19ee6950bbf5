-- Works orders of the sanctuary scheme: offered to a firm, accepted or refused in time, booked, done, paid. The firm's
-- people see the orders of their firm and nothing of the case; what they need at the home they get by the order.

-- ---- orders ----

CREATE FUNCTION sanctuary.new_works_reference() RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    fresh text;
BEGIN
    LOOP
        fresh := 'W' || substr(new_reference(), 2);
        EXIT WHEN NOT EXISTS (SELECT FROM sanctuary.works_order o WHERE o.reference = fresh);
    END LOOP;
    RETURN fresh;
END $$;
COMMENT ON FUNCTION sanctuary.new_works_reference IS
    'A reference of an order, as W-7KQ2MX: each order has its own, so that a firm cannot tell which are of one home.';

CREATE FUNCTION sanctuary.new_word() RETURNS text LANGUAGE sql VOLATILE AS $$
    SELECT w.words[1 + get_byte(uuid_send(gen_random_uuid()), 0) % cardinality(w.words)]
           || '-' || (10 + get_byte(uuid_send(gen_random_uuid()), 1) % 90)
      FROM (SELECT '{amber,basket,candle,dolphin,ember,feather,garland,harbour,island,juniper,kettle,lantern,marble,
                     nutmeg,orchard,pebble,quill,ribbon,saddle,thimble,umbrella,velvet,walnut,yarrow}'::text[])
           w (words)
$$;
COMMENT ON FUNCTION sanctuary.new_word IS
    'A word by which an operative shows who they are; the coordinator tells it to the householder.';

CREATE TABLE sanctuary.works_order (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    reference text NOT NULL UNIQUE DEFAULT sanctuary.new_works_reference(),
    job_id uuid NOT NULL REFERENCES sanctuary.job,
    household_id uuid NOT NULL REFERENCES household,
    organisation_id uuid NOT NULL REFERENCES organisation,
    firm_id uuid NOT NULL REFERENCES organisation,
    kind works_kind NOT NULL,
    state works_state NOT NULL DEFAULT 'draft',
    local_authority text NOT NULL,
    fast boolean NOT NULL,
    priced_on date NOT NULL DEFAULT today(),
    word text NOT NULL DEFAULT sanctuary.new_word(),
    operative_id uuid REFERENCES account,
    offered_at timestamptz,
    answer_by timestamptz,
    accepted_at timestamptz,
    slot_from timestamptz,
    slot_until timestamptz CHECK (slot_until > slot_from),
    slot_agreed works_agreed,
    arrived_at timestamptz,
    done_at timestamptz,
    taken_over_at timestamptz,
    refusal works_refusal,
    pull works_pull,
    left_as works_left,
    left_times smallint NOT NULL DEFAULT 0,
    keys_made smallint CHECK (keys_made >= 0),
    alarms_tested boolean,
    home_secure boolean,
    made_by uuid NOT NULL REFERENCES account,
    made_at timestamptz NOT NULL DEFAULT now(),
    version integer NOT NULL DEFAULT 1,
    CONSTRAINT works_order_slot CHECK ((slot_from IS NULL) = (slot_until IS NULL))
);
COMMENT ON TABLE sanctuary.works_order IS 'What a firm is asked to fit in one home.';
COMMENT ON COLUMN sanctuary.works_order.id IS 'Identity.';
COMMENT ON COLUMN sanctuary.works_order.reference IS 'What the firm calls it; it says nothing of case or job.';
COMMENT ON COLUMN sanctuary.works_order.job_id IS 'The job; the firm is not told.';
COMMENT ON COLUMN sanctuary.works_order.household_id IS 'The household; the firm is not told.';
COMMENT ON COLUMN sanctuary.works_order.organisation_id IS 'The organisation whose scheme it is.';
COMMENT ON COLUMN sanctuary.works_order.firm_id IS 'The firm that it is offered to, or that took it.';
COMMENT ON COLUMN sanctuary.works_order.kind IS 'What it is for.';
COMMENT ON COLUMN sanctuary.works_order.state IS 'Where it stands.';
COMMENT ON COLUMN sanctuary.works_order.local_authority IS
    'ONS code of the home''s local authority: all that an offer says of where it is.';
COMMENT ON COLUMN sanctuary.works_order.fast IS 'Whether it is to be done within 24 hours, round the clock.';
COMMENT ON COLUMN sanctuary.works_order.priced_on IS 'The day whose prices hold for it and for every change to it.';
COMMENT ON COLUMN sanctuary.works_order.word IS 'The word by which the operative shows who they are.';
COMMENT ON COLUMN sanctuary.works_order.operative_id IS 'The person of the firm who does it.';
COMMENT ON COLUMN sanctuary.works_order.offered_at IS 'When it was last offered; NULL: never.';
COMMENT ON COLUMN sanctuary.works_order.answer_by IS 'Until when the firm may accept.';
COMMENT ON COLUMN sanctuary.works_order.accepted_at IS 'When the firm accepted.';
COMMENT ON COLUMN sanctuary.works_order.slot_from IS 'When the operative comes.';
COMMENT ON COLUMN sanctuary.works_order.slot_until IS 'Until when.';
COMMENT ON COLUMN sanctuary.works_order.slot_agreed IS 'How that was agreed with the householder.';
COMMENT ON COLUMN sanctuary.works_order.arrived_at IS 'When the operative was there last.';
COMMENT ON COLUMN sanctuary.works_order.done_at IS 'When the firm reported that it is done.';
COMMENT ON COLUMN sanctuary.works_order.taken_over_at IS 'When the coordinator took the works over.';
COMMENT ON COLUMN sanctuary.works_order.refusal IS 'Why the firm refused it last.';
COMMENT ON COLUMN sanctuary.works_order.pull IS 'Why it was taken back.';
COMMENT ON COLUMN sanctuary.works_order.left_as IS 'Why the operative last left before the works were done.';
COMMENT ON COLUMN sanctuary.works_order.left_times IS 'How often that was.';
COMMENT ON COLUMN sanctuary.works_order.keys_made IS 'Keys that were made; all were handed to the householder.';
COMMENT ON COLUMN sanctuary.works_order.alarms_tested IS 'Whether the alarms sounded when the works were done.';
COMMENT ON COLUMN sanctuary.works_order.home_secure IS 'Whether the home was secure when the operative left.';
COMMENT ON COLUMN sanctuary.works_order.made_by IS 'The person who made the order; that person approves no part of it.';
COMMENT ON COLUMN sanctuary.works_order.made_at IS 'When.';
COMMENT ON COLUMN sanctuary.works_order.version IS 'Grows by one with each act; the ETag.';
CREATE INDEX works_order_job ON sanctuary.works_order (job_id, made_at, id);
CREATE INDEX works_order_household ON sanctuary.works_order (household_id);
CREATE INDEX works_order_firm ON sanctuary.works_order (firm_id, made_at, id);
CREATE INDEX works_order_scheme ON sanctuary.works_order (organisation_id, made_at, id);
CREATE INDEX works_order_offered ON sanctuary.works_order (answer_by) WHERE state = 'offered';
SELECT guard('sanctuary.works_order', 'works', erase => 'kept');
CREATE POLICY firm ON sanctuary.works_order FOR SELECT TO haven_app
    USING ((SELECT does_works()) AND firm_id = (SELECT my_organisation())
           AND state NOT IN ('draft', 'refused', 'lapsed', 'cancelled')
           AND household_id <> ALL ((SELECT denied_cases())::uuid[]));

CREATE FUNCTION sanctuary.order_seen(one uuid) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN EXISTS (SELECT FROM sanctuary.works_order o WHERE o.id = one);
END $$;
COMMENT ON FUNCTION sanctuary.order_seen IS 'Whether the caller sees an order, by the policies of the orders.';
GRANT EXECUTE ON FUNCTION sanctuary.order_seen TO haven_app;

-- order	what belongs to an order: seen by the people who see the order, written by functions
INSERT INTO guard_kind (name, closed, readable, recorded, proven_by, policies) VALUES
    ('order', true, true, true, NULL, ARRAY[
        'CREATE POLICY orders ON %s FOR SELECT TO haven_app USING (sanctuary.order_seen(order_id))']);
-- visit	how and when somebody may come to the home: seen as the order is, but not by finance
INSERT INTO guard_kind (name, closed, readable, recorded, proven_by, policies) VALUES
    ('visit', true, true, true, NULL, ARRAY[
        'CREATE POLICY orders ON %s FOR SELECT TO haven_app '
        'USING (NOT (SELECT sanctuary.sees_cost()) AND sanctuary.order_seen(order_id))']);

CREATE TABLE sanctuary.order_line (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    order_id uuid NOT NULL REFERENCES sanctuary.works_order,
    n smallint NOT NULL CHECK (n > 0),
    line_id uuid REFERENCES sanctuary.line,
    measure text NOT NULL REFERENCES sanctuary.measure,
    opening sanctuary_opening NOT NULL,
    ordered_tenths integer NOT NULL CHECK (ordered_tenths >= 0),
    quantity_tenths integer NOT NULL CHECK (quantity_tenths >= 0),
    unit_pence bigint NOT NULL CHECK (unit_pence >= 0),
    fitted_tenths integer CHECK (fitted_tenths BETWEEN 0 AND quantity_tenths),
    certificate text,
    CONSTRAINT order_line_once UNIQUE (order_id, n)
);
COMMENT ON TABLE sanctuary.order_line IS 'One measure of an order, at the price of its day.';
COMMENT ON COLUMN sanctuary.order_line.id IS 'Identity.';
COMMENT ON COLUMN sanctuary.order_line.order_id IS 'The order.';
COMMENT ON COLUMN sanctuary.order_line.n IS 'Place in it.';
COMMENT ON COLUMN sanctuary.order_line.line_id IS 'The line of the specification; NULL where it is of none.';
COMMENT ON COLUMN sanctuary.order_line.measure IS 'What.';
COMMENT ON COLUMN sanctuary.order_line.opening IS 'Where.';
COMMENT ON COLUMN sanctuary.order_line.ordered_tenths IS 'Tenths of the measure''s unit that were ordered at first.';
COMMENT ON COLUMN sanctuary.order_line.quantity_tenths IS 'The same with every change that was agreed.';
COMMENT ON COLUMN sanctuary.order_line.unit_pence IS 'Pence of a unit by the firm''s prices of the order''s day.';
COMMENT ON COLUMN sanctuary.order_line.fitted_tenths IS 'What the firm reported as fitted.';
COMMENT ON COLUMN sanctuary.order_line.certificate IS 'Number of the certificate or make, where one is asked for.';
CREATE INDEX order_line_line ON sanctuary.order_line (line_id) WHERE line_id IS NOT NULL;
SELECT guard('sanctuary.order_line', 'order', recorded => false);

CREATE TABLE sanctuary.works_access (
    order_id uuid PRIMARY KEY REFERENCES sanctuary.works_order,
    household_id uuid NOT NULL REFERENCES household,
    ways text[] NOT NULL CHECK (cardinality(ways) > 0),
    pets boolean,
    asbestos boolean
);
COMMENT ON TABLE sanctuary.works_access IS
    'How the operative comes to the home and what they find there. No free text.';
COMMENT ON COLUMN sanctuary.works_access.order_id IS 'The order.';
COMMENT ON COLUMN sanctuary.works_access.household_id IS 'The household.';
COMMENT ON COLUMN sanctuary.works_access.ways IS 'Codes of works_way, in the order in which they are tried.';
COMMENT ON COLUMN sanctuary.works_access.pets IS 'Whether there are pets; NULL is not known.';
COMMENT ON COLUMN sanctuary.works_access.asbestos IS 'Whether asbestos is suspected: then nobody drills.';
SELECT guard('sanctuary.works_access', 'visit', erase => 'rows', untold => '{ways,pets,asbestos}');

CREATE TABLE sanctuary.works_window (
    order_id uuid NOT NULL REFERENCES sanctuary.works_order,
    household_id uuid NOT NULL REFERENCES household,
    day date NOT NULL,
    from_time time NOT NULL,
    until_time time NOT NULL CHECK (until_time > from_time),
    PRIMARY KEY (order_id, day, from_time)
);
COMMENT ON TABLE sanctuary.works_window IS 'When it is safe for an operative to be at the home; never at another time.';
COMMENT ON COLUMN sanctuary.works_window.order_id IS 'The order.';
COMMENT ON COLUMN sanctuary.works_window.household_id IS 'The household.';
COMMENT ON COLUMN sanctuary.works_window.day IS 'The day.';
COMMENT ON COLUMN sanctuary.works_window.from_time IS 'From this time of London on.';
COMMENT ON COLUMN sanctuary.works_window.until_time IS 'Until this time.';
SELECT guard('sanctuary.works_window', 'visit', erase => 'rows', recorded => false);

CREATE TABLE sanctuary.invoice (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    order_id uuid NOT NULL REFERENCES sanctuary.works_order,
    firm_id uuid NOT NULL REFERENCES organisation,
    number text NOT NULL,
    net_pence bigint NOT NULL CHECK (net_pence >= 0),
    vat_pence bigint NOT NULL CHECK (vat_pence BETWEEN 0 AND net_pence),
    sent_by uuid NOT NULL REFERENCES account,
    sent_at timestamptz NOT NULL DEFAULT now(),
    query works_query,
    queried_by uuid REFERENCES account,
    paid_on date,
    payment_reference text,
    settled_by uuid REFERENCES account
);
COMMENT ON TABLE sanctuary.invoice IS
    'What a firm asks for an order. One that was queried stays, and the firm sends another.';
COMMENT ON COLUMN sanctuary.invoice.id IS 'Identity.';
COMMENT ON COLUMN sanctuary.invoice.order_id IS 'The order.';
COMMENT ON COLUMN sanctuary.invoice.firm_id IS 'The firm.';
COMMENT ON COLUMN sanctuary.invoice.number IS 'The firm''s number of it.';
COMMENT ON COLUMN sanctuary.invoice.net_pence IS 'Pence without VAT: what the pot pays.';
COMMENT ON COLUMN sanctuary.invoice.vat_pence IS 'Pence of VAT, which the council reclaims.';
COMMENT ON COLUMN sanctuary.invoice.sent_by IS 'The person of the firm who sent it.';
COMMENT ON COLUMN sanctuary.invoice.sent_at IS 'When.';
COMMENT ON COLUMN sanctuary.invoice.query IS 'What is wrong with it; NULL: nothing.';
COMMENT ON COLUMN sanctuary.invoice.queried_by IS 'The person who said so.';
COMMENT ON COLUMN sanctuary.invoice.paid_on IS 'The day on which it was paid.';
COMMENT ON COLUMN sanctuary.invoice.payment_reference IS 'The reference of the payment in the council''s own ledger.';
COMMENT ON COLUMN sanctuary.invoice.settled_by IS 'The person who recorded that.';
CREATE UNIQUE INDEX invoice_number ON sanctuary.invoice (firm_id, number) WHERE query IS NULL;
CREATE UNIQUE INDEX invoice_order ON sanctuary.invoice (order_id) WHERE query IS NULL;
SELECT guard('sanctuary.invoice', 'order');

-- ---- defects ----

CREATE DOMAIN works_severity AS text CHECK (VALUE IN ('insecure', 'fault', 'cosmetic'));
COMMENT ON DOMAIN works_severity IS
    'How bad a defect is: an insecure home is mended in 24 hours and blocks the sign-off.';

CREATE DOMAIN works_finder AS text CHECK (VALUE IN ('victim', 'coordinator', 'contractor', 'landlord'));
COMMENT ON DOMAIN works_finder IS 'Who found a defect.';

CREATE TABLE sanctuary.defect (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    job_id uuid NOT NULL REFERENCES sanctuary.job,
    household_id uuid NOT NULL REFERENCES household,
    line_id uuid NOT NULL REFERENCES sanctuary.order_line,
    severity works_severity NOT NULL,
    found_by works_finder NOT NULL,
    found_on date NOT NULL,
    due_at timestamptz NOT NULL,
    snag_id uuid NOT NULL REFERENCES sanctuary.works_order,
    recorded_by uuid NOT NULL REFERENCES account
);
COMMENT ON TABLE sanctuary.defect IS
    'Something that was fitted and is not right. It is the firm''s cost, and mended by an order of its own; the hours '
    'of the installation stay as they were.';
COMMENT ON COLUMN sanctuary.defect.id IS 'Identity.';
COMMENT ON COLUMN sanctuary.defect.job_id IS 'The job.';
COMMENT ON COLUMN sanctuary.defect.household_id IS 'The household.';
COMMENT ON COLUMN sanctuary.defect.line_id IS 'The line of an order.';
COMMENT ON COLUMN sanctuary.defect.severity IS 'How bad it is.';
COMMENT ON COLUMN sanctuary.defect.found_by IS 'Who found it.';
COMMENT ON COLUMN sanctuary.defect.found_on IS 'On which day.';
COMMENT ON COLUMN sanctuary.defect.due_at IS 'Until when it is mended.';
COMMENT ON COLUMN sanctuary.defect.snag_id IS 'The order that mends it.';
COMMENT ON COLUMN sanctuary.defect.recorded_by IS 'The person who entered it.';
CREATE INDEX defect_job ON sanctuary.defect (job_id);
SELECT guard('sanctuary.defect', 'works', erase => 'kept');

-- ---- figures ----

CREATE FUNCTION sanctuary.order_pence(one uuid) RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT coalesce(sum(sanctuary.cost_of(l.unit_pence, l.quantity_tenths)), 0)::bigint
      FROM sanctuary.order_line l WHERE l.order_id = one
$$;
COMMENT ON FUNCTION sanctuary.order_pence IS 'Pence of an order with every change that was agreed, without VAT.';
GRANT EXECUTE ON FUNCTION sanctuary.order_pence TO haven_app;

CREATE FUNCTION sanctuary.promised_pence(job uuid) RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT coalesce(sum(c.promised - c.released), 0)::bigint FROM fund.commitment c
     WHERE c.cause = 'works_order' AND c.cause_id = job
$$;
COMMENT ON FUNCTION sanctuary.promised_pence IS 'Pence that the fund promised for a job and did not take back.';

CREATE FUNCTION sanctuary.ordered_pence(job uuid, but uuid) RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT coalesce(sum(sanctuary.order_pence(o.id)), 0)::bigint FROM sanctuary.works_order o
     WHERE o.job_id = job AND o.id <> but AND o.state NOT IN ('draft', 'refused', 'lapsed', 'cancelled')
$$;
COMMENT ON FUNCTION sanctuary.ordered_pence IS 'Pence of the live orders of a job, without one of them.';

-- ---- whose act, and what it needs ----

CREATE FUNCTION sanctuary.works_side(o sanctuary.works_order, side works_side) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN CASE side
        WHEN 'coordinator' THEN coordinates() AND works_on(o.household_id)
        WHEN 'firm' THEN does_works() AND o.firm_id = my_organisation()
             AND o.state NOT IN ('draft', 'refused', 'lapsed', 'cancelled')
             AND NOT case_hidden(o.household_id, audit.me('account')::uuid)
        WHEN 'service' THEN audit.me('account') IS NULL
        ELSE (SELECT j.keeper_id FROM sanctuary.job j WHERE j.id = o.job_id) = my_organisation()
             AND fund.shown(o.household_id)
             AND CASE side WHEN 'approver' THEN audit.me('role') = 'finance_approver' ELSE keeps_fund() END END;
END $$;
COMMENT ON FUNCTION sanctuary.works_side IS 'Whether the caller is of that side of an order.';
GRANT EXECUTE ON FUNCTION sanctuary.works_side TO haven_app;

CREATE FUNCTION sanctuary.works_acts(o sanctuary.works_order) RETURNS text[] LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN ARRAY(SELECT DISTINCT s.act::text FROM sanctuary.works_step s
                  WHERE s.from_state = o.state AND sanctuary.works_side(o, s.side) ORDER BY 1);
END $$;
COMMENT ON FUNCTION sanctuary.works_acts IS 'What the caller may do with an order now: its buttons.';
GRANT EXECUTE ON FUNCTION sanctuary.works_acts TO haven_app;

CREATE FUNCTION sanctuary.works_need_job_live(o sanctuary.works_order, item jsonb) RETURNS sanctuary.told
LANGUAGE sql STABLE AS $$
    SELECT sanctuary.refusal('wrong_state') FROM sanctuary.job j
     WHERE j.id = o.job_id AND j.state IN ('closed', 'withdrawn', 'ineligible')
$$;
COMMENT ON FUNCTION sanctuary.works_need_job_live IS 'Nothing is offered for a job that has ended.';

CREATE FUNCTION sanctuary.works_need_not_own(o sanctuary.works_order, item jsonb) RETURNS sanctuary.told
LANGUAGE sql STABLE AS
$$ SELECT sanctuary.refusal('own') WHERE o.made_by = audit.me('account')::uuid $$;
COMMENT ON FUNCTION sanctuary.works_need_not_own IS 'Nobody approves an order that they made.';

CREATE FUNCTION sanctuary.works_need_firm_fits(o sanctuary.works_order, item jsonb) RETURNS sanctuary.told
LANGUAGE plpgsql STABLE AS $$
DECLARE
    wanted uuid := coalesce((item ->> 'firm_id')::uuid, o.firm_id);
    f sanctuary.firm;
BEGIN
    SELECT * INTO f FROM sanctuary.firm x WHERE x.organisation_id = wanted AND wanted = ANY (my_partners());
    IF f.organisation_id IS NULL OR o.local_authority <> ALL (f.areas)
       OR today() < f.contract_from OR today() >= f.contract_until
       OR EXISTS (SELECT FROM sanctuary.order_line l JOIN sanctuary.measure m ON m.code = l.measure
                   WHERE l.order_id = o.id AND m.trade <> 'any' AND m.trade <> ALL (f.trades)) THEN
        RETURN sanctuary.refusal('firm_unfit', '/firm_id');
    ELSIF NOT EXISTS (SELECT FROM account a
                       WHERE a.organisation_id = wanted AND a.role = 'contractor' AND a.disabled_at IS NULL
                         AND NOT case_hidden(o.household_id, a.id)) THEN
        RETURN sanctuary.refusal('no_account', '/firm_id');
    END IF;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION sanctuary.works_need_firm_fits IS
    'A firm fits by trade, area and contract, and has a person who can sign in and is linked to nobody of the case.';

CREATE FUNCTION sanctuary.works_need_money_there(o sanctuary.works_order, item jsonb) RETURNS sanctuary.told
LANGUAGE plpgsql STABLE AS $$
DECLARE
    wanted uuid := coalesce((item ->> 'firm_id')::uuid, o.firm_id);
    total bigint := (SELECT coalesce(sum(sanctuary.cost_of(
                         CASE WHEN o.kind = 'snag' THEN 0 WHEN wanted = o.firm_id THEN l.unit_pence
                              ELSE sanctuary.firm_price_of(wanted, l.measure, today()) END, l.quantity_tenths)), 0)
                       FROM sanctuary.order_line l WHERE l.order_id = o.id);
BEGIN
    RETURN CASE WHEN total + sanctuary.ordered_pence(o.job_id, o.id) > sanctuary.promised_pence(o.job_id)
                THEN sanctuary.refusal('short') END;
END $$;
COMMENT ON FUNCTION sanctuary.works_need_money_there IS
    'What is offered is promised, by the prices of the firm that gets it: a dearer firm goes back to the approver.';

CREATE FUNCTION sanctuary.works_need_in_time(o sanctuary.works_order, item jsonb) RETURNS sanctuary.told
LANGUAGE sql VOLATILE AS
$$ SELECT sanctuary.refusal('late_answer') WHERE o.answer_by <= clock_timestamp() $$;
COMMENT ON FUNCTION sanctuary.works_need_in_time IS
    'A firm answers before its time has passed, by the clock at that moment.';

CREATE FUNCTION sanctuary.works_need_time_passed(o sanctuary.works_order, item jsonb) RETURNS sanctuary.told
LANGUAGE sql VOLATILE AS
$$ SELECT sanctuary.refusal('too_early') WHERE o.answer_by > clock_timestamp() $$;
COMMENT ON FUNCTION sanctuary.works_need_time_passed IS 'An offer lapses once its time has passed.';

CREATE FUNCTION sanctuary.works_need_operative(o sanctuary.works_order, item jsonb) RETURNS sanctuary.told
LANGUAGE sql STABLE AS $$
    SELECT sanctuary.refusal('no_operative', '/operative_id')
     WHERE NOT EXISTS (
           SELECT FROM account a
            WHERE a.id = coalesce((item ->> 'operative_id')::uuid, audit.me('account')::uuid)
              AND a.organisation_id = o.firm_id AND a.role = 'contractor' AND a.disabled_at IS NULL
              AND NOT case_hidden(o.household_id, a.id))
$$;
COMMENT ON FUNCTION sanctuary.works_need_operative IS
    'The operative is a person of the firm who is linked to nobody of the case.';

CREATE FUNCTION sanctuary.works_need_safe_time(o sanctuary.works_order, item jsonb) RETURNS sanctuary.told
LANGUAGE sql VOLATILE AS $$
    SELECT sanctuary.refusal('unsafe_time', '/from')
     WHERE (item ->> 'until')::time <= (item ->> 'from')::time
        OR ((item ->> 'day')::date + (item ->> 'until')::time) AT TIME ZONE 'Europe/London' <= clock_timestamp()
        OR NOT EXISTS (SELECT FROM sanctuary.works_window w
                        WHERE w.order_id = o.id AND w.day = (item ->> 'day')::date
                          AND w.from_time <= (item ->> 'from')::time AND w.until_time >= (item ->> 'until')::time)
$$;
COMMENT ON FUNCTION sanctuary.works_need_safe_time IS
    'A time is agreed within one of the safe times, and not in the past.';

CREATE FUNCTION sanctuary.works_need_reported(o sanctuary.works_order, item jsonb) RETURNS sanctuary.told
LANGUAGE plpgsql STABLE AS $$
DECLARE
    l record;
BEGIN
    FOR l IN SELECT x.*, m.rules, r.said, r.at
               FROM sanctuary.order_line x JOIN sanctuary.measure m ON m.code = x.measure
               LEFT JOIN LATERAL (SELECT e.value AS said, e.n - 1 AS at
                                    FROM jsonb_array_elements(item -> 'lines') WITH ORDINALITY e (value, n)
                                   WHERE (e.value ->> 'n')::integer = x.n LIMIT 1) r ON true
              WHERE x.order_id = o.id ORDER BY x.n LOOP
        IF l.said IS NULL THEN
            RETURN sanctuary.refusal('lines', '/lines');
        ELSIF (l.said ->> 'fitted_tenths')::integer > l.quantity_tenths THEN
            RETURN sanctuary.refusal('over_total', '/lines/' || l.at || '/fitted_tenths');
        ELSIF (l.said ->> 'fitted_tenths')::integer < l.quantity_tenths AND l.said ->> 'reason' IS NULL THEN
            RETURN sanctuary.refusal('no_reason', '/lines/' || l.at || '/reason');
        ELSIF 'F2' = ANY (l.rules) AND (l.said ->> 'fitted_tenths')::integer > 0 AND l.said ->> 'certificate' IS NULL
              AND (SELECT j.managed_building FROM sanctuary.job j WHERE j.id = o.job_id) THEN
            RETURN sanctuary.refusal('certificate', '/lines/' || l.at || '/certificate');
        END IF;
    END LOOP;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION sanctuary.works_need_reported IS
    'Every line is reported: at most what is agreed, less with its reason, and work on a door of a managed building '
    'with the number of its certificate.';

CREATE FUNCTION sanctuary.works_need_fitted(o sanctuary.works_order, item jsonb) RETURNS sanctuary.told
LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN NOT coalesce((item ->> 'alarms_tested')::boolean, false)
                THEN sanctuary.refusal('alarms', '/alarms_tested')
                WHEN (item ->> 'keys_given')::integer IS DISTINCT FROM (item ->> 'keys_made')::integer
                THEN sanctuary.refusal('keys', '/keys_given')
                WHEN NOT coalesce((item ->> 'home_secure')::boolean, false)
                THEN sanctuary.refusal('insecure', '/home_secure') END
$$;
COMMENT ON FUNCTION sanctuary.works_need_fitted IS
    'The alarms were tested, every key that was made is the householder''s, and the home is secure.';

CREATE FUNCTION sanctuary.works_need_within_total(o sanctuary.works_order, item jsonb) RETURNS sanctuary.told
LANGUAGE sql STABLE AS $$
    SELECT sanctuary.refusal('over_total', '/net_pence')
     WHERE (item ->> 'net_pence')::bigint > (SELECT coalesce(sum(sanctuary.cost_of(l.unit_pence, l.fitted_tenths)), 0)
                                               FROM sanctuary.order_line l WHERE l.order_id = o.id)
$$;
COMMENT ON FUNCTION sanctuary.works_need_within_total IS
    'An invoice is for at most what was fitted, at the agreed prices.';

CREATE FUNCTION sanctuary.works_need_number_once(o sanctuary.works_order, item jsonb) RETURNS sanctuary.told
LANGUAGE sql STABLE AS $$
    SELECT sanctuary.refusal('number_used', '/number')
     WHERE EXISTS (SELECT FROM sanctuary.invoice i
                    WHERE i.firm_id = o.firm_id AND i.number = item ->> 'number' AND i.query IS NULL)
$$;
COMMENT ON FUNCTION sanctuary.works_need_number_once IS 'A firm uses the number of an invoice once.';

CREATE FUNCTION sanctuary.works_need_money_left(o sanctuary.works_order, item jsonb) RETURNS sanctuary.told
LANGUAGE sql STABLE AS $$
    SELECT sanctuary.refusal('short') FROM sanctuary.invoice i
     WHERE i.order_id = o.id AND i.query IS NULL
       AND i.net_pence > (SELECT coalesce(sum(c.open), 0) FROM fund.commitment c
                           WHERE c.cause = 'works_order' AND c.cause_id = o.job_id)
$$;
COMMENT ON FUNCTION sanctuary.works_need_money_left IS 'An invoice is paid out of what is promised for the job.';

-- ---- what the firm's people may be shown of the household ----

CREATE FUNCTION sanctuary.first_taken(job uuid) RETURNS timestamptz LANGUAGE sql STABLE AS $$
    SELECT min(o.accepted_at) FROM sanctuary.works_order o
     WHERE o.job_id = job AND o.kind = 'main' AND o.state <> 'cancelled'
$$;
COMMENT ON FUNCTION sanctuary.first_taken IS 'When the first main order of a job was accepted; NULL: none is.';
GRANT EXECUTE ON FUNCTION sanctuary.first_taken TO haven_app;
