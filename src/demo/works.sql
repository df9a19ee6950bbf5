-- Firms of the sanctuary scheme, as the data file has them; all invented.

-- name: demo_firms
-- role: tool
INSERT INTO sanctuary.firm (organisation_id, trades, areas, contract_from, contract_until, fire_doors)
SELECT md5('demo ' || f.organisation)::uuid, f.trades, f.areas, $2::date + f.from_in_days, $2::date + f.until_in_days,
       f.fire_doors
  FROM jsonb_to_recordset($1::jsonb -> 'firms') AS f (organisation text, trades text[], areas text[],
       from_in_days integer, until_in_days integer, fire_doors boolean)

-- name: demo_firm_prices
-- role: tool
INSERT INTO sanctuary.firm_price (organisation_id, measure, from_day, unit_pence)
SELECT md5('demo ' || (f.value ->> 'organisation'))::uuid, p.measure, $2::date - 30, p.unit_pence
  FROM jsonb_array_elements($1::jsonb -> 'firms') f,
       jsonb_to_recordset(f.value -> 'prices') AS p (measure text, unit_pence bigint)

-- name: demo_works_way
-- role: tool
-- The straight way of an order: who does what, and the state that it ends in. NULL: the person of the firm.
CREATE FUNCTION pg_temp.demo_order_way() RETURNS TABLE (n integer, person text, act works_act, becomes text)
LANGUAGE sql AS $$
    VALUES (1, NULL, 'accept'::works_act, 'accepted'), (2, NULL, 'book', 'booked'), (3, NULL, 'arrive', 'on_site'),
           (4, NULL, 'report_done', 'done'), (5, 'sanctuary', 'take_over', 'taken_over'),
           (6, NULL, 'invoice', 'invoiced'), (7, 'payments', 'settle', 'paid')
$$

-- name: demo_works_said
-- role: tool
-- What an act on an order needs to be told.
CREATE FUNCTION pg_temp.demo_order_said(one uuid, act works_act) RETURNS jsonb LANGUAGE sql AS $$
    SELECT CASE act
        WHEN 'book' THEN jsonb_build_object('day', today() + 1, 'from', '10:00', 'until', '12:00',
                                            'agreed', 'by_telephone')
        WHEN 'report_done' THEN '{"alarms_tested": true, "keys_made": 3, "keys_given": 3, "home_secure": true}'::jsonb
             || (SELECT jsonb_build_object('lines', jsonb_agg(jsonb_build_object(
                            'n', l.n, 'fitted_tenths', l.quantity_tenths, 'certificate', 'Certificate')))
                   FROM sanctuary.order_line l WHERE l.order_id = one)
        WHEN 'invoice' THEN jsonb_build_object('number', 'INV-' || substr(one::text, 1, 8),
                                               'net_pence', sanctuary.order_pence(one),
                                               'vat_pence', sanctuary.order_pence(one) / 5)
        WHEN 'settle' THEN jsonb_build_object('paid_on', today(), 'reference', 'Paid by the council')
        WHEN 'refuse' THEN '{"reason": "no_capacity"}' ELSE '{}' END
$$

-- name: demo_works_one
-- role: tool
-- Takes an order to the state that the data file names, by its firm's person and the council's people.
CREATE FUNCTION pg_temp.demo_order(one uuid, firm_person text, state text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    way record;
    answer text;
BEGIN
    FOR way IN SELECT w.n, w.person, w.act FROM pg_temp.demo_order_way() w
                WHERE w.n <= (SELECT g.n FROM pg_temp.demo_order_way() g WHERE g.becomes = state)
               UNION ALL SELECT 1, NULL, 'refuse' WHERE state = 'refused' ORDER BY 1 LOOP
        PERFORM pg_temp.demo_be(coalesce(way.person, firm_person));
        answer := (sanctuary.act_works(one, -1, way.act, pg_temp.demo_order_said(one, way.act))).outcome;
        ASSERT answer = 'done', one || way.act || answer;
    END LOOP;
END $$

-- name: demo_works_after
-- role: tool
-- The household's own word, and what was found afterwards.
CREATE FUNCTION pg_temp.demo_after(job uuid, snag text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    answer text;
BEGIN
    PERFORM pg_temp.demo_be('sanctuary');
    answer := (sanctuary.act(job, -1, 'sign_off', '{"way": "in_person", "interpreter": false,
        "felt_before": 3, "feels_now": 8, "all_there": true, "all_work": true, "can_use": true, "keys_hers": true,
        "alarms_heard": true, "devices_hers": true}' || jsonb_build_object('keys', (
            SELECT sum(o.keys_made) FROM sanctuary.works_order o WHERE o.job_id = job)))).outcome;
    ASSERT answer = 'done', job || answer;
    IF snag IS NOT NULL THEN
        answer := (sanctuary.act(job, -1, 'snag', jsonb_build_object('severity', snag, 'found_by', 'victim',
            'found_on', today(), 'ways', ARRAY['ring'], 'windows', pg_temp.demo_windows(), 'line_id',
            (SELECT l.id FROM sanctuary.order_line l JOIN sanctuary.works_order o ON o.id = l.order_id
              WHERE o.job_id = demo_after.job AND l.measure = 'lock_euro')))).outcome;
        ASSERT answer = 'done', job || answer;
    END IF;
END $$

-- name: demo_works_windows
-- role: tool
CREATE FUNCTION pg_temp.demo_windows() RETURNS jsonb LANGUAGE sql AS $$
    SELECT jsonb_agg(jsonb_build_object('day', today() + d, 'from', '09:30', 'until', '14:30'))
      FROM generate_series(1, 3) d
$$

-- name: demo_works
-- role: tool
-- Of a job whose money is there: every firm that is named gets the lines of its trades, the first one the rest.
CREATE FUNCTION pg_temp.demo_order_job(job uuid, it jsonb) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    firm record;
    answer text;
BEGIN
    PERFORM pg_temp.demo_be('sanctuary');
    SELECT t.outcome INTO answer FROM sanctuary.act(job, -1, 'order', jsonb_build_object(
        'local_authority', 'E06000002', 'ways', ARRAY['call_first', 'ring'], 'pets', false, 'asbestos', false,
        'windows', pg_temp.demo_windows(), 'lines', (
            SELECT jsonb_agg(jsonb_build_object('line_id', l.id, 'firm_id', (
                       SELECT md5('demo ' || w.firm)::uuid FROM jsonb_object_keys(it -> 'works') w (firm)
                         JOIN sanctuary.firm f ON f.organisation_id = md5('demo ' || w.firm)::uuid
                        WHERE m.trade = ANY (f.trades) ORDER BY cardinality(f.trades) LIMIT 1)) ORDER BY l.n)
              FROM sanctuary.line l JOIN sanctuary.measure m ON m.code = l.measure
             WHERE l.job_id = demo_order_job.job))) t;
    ASSERT answer = 'done', it || answer;
    FOR firm IN SELECT o.id, w.state, a.username FROM sanctuary.works_order o
                  JOIN jsonb_each_text(it -> 'works') w (firm, state) ON md5('demo ' || w.firm)::uuid = o.firm_id
                  JOIN account a ON a.organisation_id = o.firm_id AND a.username LIKE 'contractor%'
                 WHERE o.job_id = job LOOP
        PERFORM pg_temp.demo_order(firm.id, firm.username, firm.state);
    END LOOP;
    IF it ? 'after' THEN
        PERFORM pg_temp.demo_after(job, it ->> 'after');
    END IF;
END $$
