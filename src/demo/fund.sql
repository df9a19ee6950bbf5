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
-- What is due of a request is handed out by the person who asked, and confirmed by the finance officer who is named.
CREATE FUNCTION pg_temp.demo_pay(request uuid, it jsonb, serial text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    answer text;
BEGIN
    PERFORM pg_temp.demo_be(it ->> 'by');
    SELECT t.outcome INTO answer FROM fund.issue(request, -1, serial) t;
    ASSERT answer = 'done', it || answer;
    IF it ? 'confirmed_by' THEN
        PERFORM pg_temp.demo_be(it ->> 'confirmed_by');
        SELECT fund.confirm(p.id, -1, today()) INTO answer FROM fund.payment p WHERE p.cause_id = request;
        ASSERT answer = 'done', it || answer;
    END IF;
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
    IF it ? 'handed_out' THEN
        PERFORM pg_temp.demo_pay(one, it, it ->> 'handed_out');
    END IF;
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
        IF it ? 'handed_out' THEN
            PERFORM pg_temp.demo_pay(one, it, it ->> 'handed_out');
        END IF;
    END LOOP;
    PERFORM pg_temp.demo_weekly(w) FROM jsonb_array_elements(told -> 'weekly') w;
    PERFORM pg_temp.demo_be(NULL);
END $$

-- name: demo_fund
-- role: tool
SELECT pg_temp.demo_fund($1::jsonb -> 'fund')
