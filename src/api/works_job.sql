-- The part of a job that is works: its orders, its clocks, and what follows the installation.

-- name: works_job_show
SELECT j.id, j.reference, j.state, j.household_id, case_reference(j.household_id) AS household_reference,
       utc(j.due_at) AS due_at,
       sanctuary.promised_of(j.id) AS promised_pence,
       (SELECT coalesce(json_agg(json_build_object('id', o.id, 'reference', o.reference, 'kind', o.kind,
                    'state', o.state, 'firm', f.name, 'total_pence', sanctuary.order_pence(o.id),
                    'slot_from', utc(o.slot_from), 'answer_by', utc(o.answer_by)) ORDER BY o.made_at, o.id), '[]')
          FROM sanctuary.works_order o JOIN organisation f ON f.id = o.firm_id WHERE o.job_id = j.id) AS orders,
       (SELECT coalesce(json_agg(json_build_object('id', l.id, 'name', m.name, 'opening', l.opening, 'unit', m.unit,
                    'trade', m.trade, 'n', l.n, 'quantity', rtrim(to_char(l.quantity_tenths / 10.0, 'FM999990.9'), '.'),
                    'total_pence', l.total_pence) ORDER BY l.n), '[]')
          FROM sanctuary.line l JOIN sanctuary.measure m ON m.code = l.measure
         WHERE l.spec_id = j.spec_id AND NOT sanctuary.ordered_line(l.id)) AS to_order,
       (SELECT coalesce(json_agg(json_build_object('id', l.id, 'name', m.name, 'opening', l.opening)
                                ORDER BY l.n), '[]')
          FROM sanctuary.works_order o JOIN sanctuary.order_line l ON l.order_id = o.id
          JOIN sanctuary.measure m ON m.code = l.measure
         WHERE o.job_id = j.id AND l.fitted_tenths > 0) AS fitted,
       (SELECT coalesce(json_agg(json_build_object('code', x.organisation_id, 'label', g.name) ORDER BY g.name), '[]')
          FROM sanctuary.firm x JOIN organisation g ON g.id = x.organisation_id) AS firms,
       (SELECT coalesce(json_agg(json_build_object('code', m.code, 'label', m.name) ORDER BY m.n), '[]')
          FROM sanctuary.measure m WHERE m.leave = 'none' AND NOT m.by_variation) AS at_once,
       (SELECT coalesce(json_agg(json_build_object('id', c.id, 'kind', c.kind, 'started_at', utc(c.started_at),
                    'due_at', utc(c.due_at), 'agreed_on', c.agreed_on, 'ended_at', utc(c.ended_at),
                    'ended_as', c.ended_as, 'late', coalesce(c.ended_at, now()) > c.due_at,
                    'shares', CASE WHEN c.kind = 'installation' THEN (
                        SELECT coalesce(json_agg(json_build_object('cause', s.cause, 'hours', s.seconds / 3600)), '[]')
                          FROM sanctuary.clock_shares(c) s) ELSE '[]' END) ORDER BY c.started_at, c.kind), '[]')
          FROM sanctuary.clock c WHERE c.job_id = j.id) AS clocks,
       (SELECT coalesce(json_agg(json_build_object('id', d.id, 'name', m.name, 'severity', d.severity,
                    'found_by', d.found_by, 'found_on', d.found_on, 'due_at', utc(d.due_at), 'order_id', o.id,
                    'order', o.reference, 'order_state', o.state) ORDER BY d.found_on, d.id), '[]')
          FROM sanctuary.defect d JOIN sanctuary.works_order o ON o.id = d.snag_id
          JOIN sanctuary.order_line l ON l.id = d.line_id JOIN sanctuary.measure m ON m.code = l.measure
         WHERE d.job_id = j.id) AS defects,
       (SELECT json_build_object('way', s.way, 'keys', s.keys, 'felt_before', s.felt_before, 'feels_now', s.feels_now,
                    'signed_on', s.signed_on) FROM sanctuary.sign_off s
         WHERE s.job_id = j.id ORDER BY s.signed_on DESC LIMIT 1) AS sign_off,
       (SELECT coalesce(json_agg(json_build_object('id', r.id, 'months', r.months, 'due_on', r.due_on,
                    'reached', r.reached, 'home', r.home, 'contact', r.contact, 'held', r.held,
                    'feels_now', r.feels_now, 'wish', r.wish, 'held_on', r.held_on) ORDER BY r.months), '[]')
          FROM sanctuary.review r WHERE r.job_id = j.id) AS reviews,
       (SELECT coalesce(json_agg(json_build_object('id', i.id, 'kind', i.kind, 'on_day', i.on_day, 'held', i.held,
                    'measure', m.name) ORDER BY i.on_day DESC, i.id), '[]')
          FROM sanctuary.incident i LEFT JOIN sanctuary.measure m ON m.code = i.measure
         WHERE i.job_id = j.id) AS incidents,
       (SELECT json_build_object('state', m.state, 'reference', m.reference, 'from_day', m.from_day,
                    'review_on', m.review_on, 'removed_on', m.removed_on, 'removal', m.removal)
          FROM sanctuary.marker m WHERE m.job_id = j.id) AS marker,
       (SELECT coalesce(json_agg(json_build_object('id', e.id, 'name', m.name, 'serial', e.serial, 'plan', e.plan,
                    'due_on', e.due_on) ORDER BY m.n, e.id), '[]')
          FROM sanctuary.equipment e JOIN sanctuary.measure m ON m.code = e.measure WHERE e.job_id = j.id) AS equipment,
       (SELECT e.ending FROM sanctuary.ending e WHERE e.job_id = j.id) AS ending,
       (SELECT coalesce(json_agg(r.act ORDER BY r.n), '[]')
          FROM sanctuary.move m JOIN sanctuary.act_rule r ON r.act = m.act
         WHERE m.state = j.state AND audit.me('role') = ANY (r.roles) AND works_on(j.household_id)
           AND r.act IN ('order_first', 'order', 'reoffer', 'snag', 'sign_off', 'review_3m', 'review_6m', 'incident',
                         'close', 'close_early')
           -- one review at a time: the first is past when the last is near
           AND CASE r.act WHEN 'review_3m' THEN sanctuary.review_near(j.id, 3) AND NOT sanctuary.review_near(j.id, 6)
                          WHEN 'review_6m' THEN sanctuary.review_near(j.id, 6) ELSE true END) AS acts, j.version
  FROM sanctuary.job j WHERE j.id = $1::uuid

-- name: works_job_act
-- $2 version, $3 act, $4 what was entered
SELECT t.id, t.outcome AS _outcome, t.field AS _field, t.rule AS _rule, t.money AS _money,
       t.left_pence, t.most_pence, t.so_far_pence
  FROM sanctuary.act($1::uuid, $2::integer, $3::sanctuary_act, sanctuary.in_tenths($4::jsonb)) t

-- name: works_job_marker
SELECT t.id, t.outcome AS _outcome, t.field AS _field, t.rule AS _rule, t.money AS _money
  FROM sanctuary.put_marker($1::uuid, $2::jsonb) t

-- name: works_job_equipment
SELECT t.id, t.outcome AS _outcome, t.field AS _field, t.rule AS _rule, t.money AS _money
  FROM sanctuary.keep_equipment($1::uuid, $2::uuid, $3::equipment_plan) t

-- name: works_job_loss
SELECT t.id, t.outcome AS _outcome, t.field AS _field, t.rule AS _rule, t.money AS _money
  FROM sanctuary.add_loss($1::uuid, $2::jsonb) t

-- name: works_job_agree
SELECT t.id, t.outcome AS _outcome, t.field AS _field, t.rule AS _rule, t.money AS _money
  FROM sanctuary.agree_day($1::uuid, $2::date) t

-- name: works_late
-- Installations, first measures and defects over their target, the longest first: running, or ended within 92 days.
WITH late AS (
    SELECT c.job_id, c.kind::text AS what, c.started_at, c.due_at, c.agreed_on, c.ended_at, c.id AS clock_id
      FROM sanctuary.clock c WHERE c.kind IN ('installation', 'first')
     UNION ALL
    SELECT d.job_id, 'defect', o.made_at, d.due_at, NULL, coalesce(o.done_at, o.taken_over_at), NULL
      FROM sanctuary.defect d JOIN sanctuary.works_order o ON o.id = d.snag_id AND o.state <> 'cancelled'
)
SELECT j.id, j.reference, j.state, j.risk_level, x.what, utc(x.started_at) AS started_at, utc(x.due_at) AS due_at,
       x.agreed_on, utc(x.ended_at) AS ended_at,
       (extract(epoch FROM coalesce(x.ended_at, now()) - x.due_at) / 3600)::integer AS hours_over,
       (SELECT coalesce(json_agg(json_build_object('cause', s.cause, 'hours', s.seconds / 3600)), '[]')
          FROM sanctuary.clock c, sanctuary.clock_shares(c) s
         WHERE c.id = x.clock_id AND x.what = 'installation') AS shares,
       (SELECT string_agg(DISTINCT f.name, ', ') FROM sanctuary.works_order o JOIN organisation f ON f.id = o.firm_id
         WHERE o.job_id = j.id AND o.state NOT IN ('refused', 'lapsed', 'cancelled')
           AND o.kind = CASE x.what WHEN 'installation' THEN 'main' WHEN 'first' THEN 'first' ELSE 'snag' END) AS firms
  FROM late x JOIN sanctuary.job j ON j.id = x.job_id
 WHERE x.due_at < coalesce(x.ended_at, now())
   AND (x.ended_at IS NULL OR x.ended_at > now() - interval '92 days')
 ORDER BY x.ended_at IS NOT NULL, hours_over DESC, j.id, x.what LIMIT 200

-- name: works_firm_months
-- What each firm did, by the month in which it accepted.
SELECT m.firm, m.month, m.offered, m.answered, m.accepted, m.done, m.in_time, m.theirs_in_time, m.median_hours,
       m.p90_hours, m.no_access, m.snags
  FROM sanctuary.firm_months() m
