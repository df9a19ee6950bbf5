-- The fund of the invented case load.

-- name: demo_fund_be
-- role: tool
-- The fund's functions, called for the people whom the data file names: what they refuse, the demo cannot have.
CREATE FUNCTION pg_temp.demo_be(person text) RETURNS bigint LANGUAGE sql AS $$
    SELECT count(set_config('haven.' || s.name, coalesce(s.value, ''), true))
      FROM (SELECT 1) one
      LEFT JOIN account a ON a.id = md5('demo account ' || person)::uuid
     CROSS JOIN LATERAL (VALUES ('account', a.id::text), ('organisation', a.organisation_id::text),
                                ('role', a.role), ('partners', partners_of(a.organisation_id)::text),
                                ('denied', ''), ('opened', '')) s (name, value)
$$

-- name: demo_fund_pay
-- role: tool
-- The instalments of a promise that are due, as its payments book them.
CREATE FUNCTION pg_temp.demo_pay(promise uuid) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    one fund.commitment;
    pence bigint;
BEGIN
    FOR one IN SELECT * FROM fund.commitment c WHERE c.cause_id = promise LOOP
        pence := fund.due_by(one, today());
        CONTINUE WHEN pence = 0;
        PERFORM fund.post('freeze', 'request', promise, today(),
                          ARRAY[fund.moved(one.pot_year_id, 'committed', 'in_payment', pence)], one.household_id);
        PERFORM fund.post('confirm', 'request', promise, today(),
                          ARRAY[fund.moved(one.pot_year_id, 'in_payment', 'paid', pence)], one.household_id);
        UPDATE fund.commitment c SET open = one.open - pence, paid = pence WHERE c.id = one.id;
    END LOOP;
END $$

-- name: demo_fund_weekly
-- role: tool
-- Support by the week; its days are counted from today.
CREATE FUNCTION pg_temp.demo_weekly(it jsonb) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    days jsonb := jsonb_build_object('start_on', today() + (it ->> 'start_in_days')::integer,
                                     'end_on', today() + (it ->> 'end_in_days')::integer,
                                     'review_on', today() + (it ->> 'review_in_days')::integer,
                                     'appointment_asked_on', today() - (it ->> 'appointment_days_ago')::integer);
    who text;
    one uuid;
    answer text;
BEGIN
    PERFORM pg_temp.demo_be(it ->> 'by');
    SELECT t.id, t.outcome INTO one, answer
      FROM fund.ask_weekly(md5('demo ' || (it ->> 'household'))::uuid, it || days) t;
    ASSERT answer = 'done', it || answer;
    FOR who IN SELECT jsonb_array_elements_text(it -> 'approved_by') LOOP
        PERFORM pg_temp.demo_be(who);
        SELECT t.outcome INTO answer FROM fund.approve(one, -1, NULL, NULL) t;
        ASSERT answer IN ('done', 'second'), it || answer;
    END LOOP;
    PERFORM pg_temp.demo_pay(one);
    IF it ? 'stopped' THEN
        PERFORM pg_temp.demo_be(it ->> 'by');
        SELECT t.outcome INTO answer FROM fund.stop(one, -1, today(), it ->> 'stopped') t;
        ASSERT answer = 'done', it || answer;
    END IF;
END $$

-- name: demo_fund_do
-- role: tool
CREATE FUNCTION pg_temp.demo_fund(told jsonb) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    it jsonb;
    who text;
    one uuid;
    answer text;
BEGIN
    FOR it IN SELECT jsonb_array_elements(told -> 'pots') LOOP
        PERFORM pg_temp.demo_be(it ->> 'keeper');
        one := fund.add_pot(it - 'state');
        answer := concat(fund.change_budget(one, -1, (it ->> 'budget_pence')::bigint),
                         fund.move_year(one, -1, it ->> 'state'));
        ASSERT answer = 'donedone', it || answer;
    END LOOP;
    FOR it IN SELECT jsonb_array_elements(told -> 'limits') LOOP
        PERFORM pg_temp.demo_be(it ->> 'keeper');
        PERFORM fund.set_limit(it);
    END LOOP;
    FOR it IN SELECT jsonb_array_elements(told -> 'requests') LOOP
        PERFORM pg_temp.demo_be(it ->> 'by');
        SELECT t.id, t.outcome INTO one, answer FROM fund.ask(md5('demo ' || (it ->> 'household'))::uuid, it) t;
        ASSERT answer = 'done', it || answer;
        FOR who IN SELECT jsonb_array_elements_text(it -> 'approved_by') LOOP
            PERFORM pg_temp.demo_be(who);
            SELECT t.outcome INTO answer FROM fund.approve(one, -1, NULL, NULL) t;
            ASSERT answer IN ('done', 'second'), it || answer;
        END LOOP;
        IF it ? 'turned' THEN
            PERFORM pg_temp.demo_be(it -> 'turned' ->> 'by');
            SELECT t.outcome INTO answer
              FROM fund.turn(one, -1, it -> 'turned' ->> 'act', it -> 'turned' ->> 'reason') t;
            ASSERT answer = 'done', it || answer;
        END IF;
    END LOOP;
    PERFORM pg_temp.demo_weekly(w) FROM jsonb_array_elements(told -> 'weekly') w;
    PERFORM pg_temp.demo_be(NULL);
END $$

-- name: demo_fund
-- role: tool
SELECT pg_temp.demo_fund($1::jsonb -> 'fund')
