-- Works orders. Row security leaves a firm's people the orders of their firm; what those are not told is NULL: the job,
-- the household, and before the acceptance anything but area, measures and days.

-- name: works_list
-- Live orders, and those that ended within 7 days; what waits for the caller first. $1 state.
SELECT o.id, o.reference, o.kind, o.state, o.local_authority, o.fast, f.name AS firm, j.reference AS job_reference,
       (SELECT count(*) FROM sanctuary.order_line l WHERE l.order_id = o.id) AS measures,
       (SELECT coalesce(json_agg(DISTINCT m.trade), '[]') FROM sanctuary.order_line l
          JOIN sanctuary.measure m ON m.code = l.measure WHERE l.order_id = o.id) AS trades,
       (SELECT coalesce(sum(m.minutes * l.quantity_tenths) / 10, 0)::integer FROM sanctuary.order_line l
          JOIN sanctuary.measure m ON m.code = l.measure WHERE l.order_id = o.id) AS minutes,
       sanctuary.order_pence(o.id) AS total_pence, utc(o.answer_by) AS answer_by,
       CASE WHEN o.state = 'offered' THEN greatest(0, extract(epoch FROM o.answer_by - now()))::integer / 60
       END AS minutes_left, CASE WHEN w.told THEN utc(o.slot_from) END AS slot_from,
       CASE WHEN w.told THEN utc(o.slot_until) END AS slot_until,
       EXISTS (SELECT FROM sanctuary.variation v WHERE v.order_id = o.id AND v.state = 'asked') AS change_open,
       (SELECT v.more_pence FROM sanctuary.variation v WHERE v.order_id = o.id AND v.state = 'asked') AS change_pence,
       coalesce(o.state = 'booked' AND o.slot_until < now(), false) AS overdue
  FROM sanctuary.works_order o
  JOIN organisation f ON f.id = o.firm_id
  LEFT JOIN sanctuary.job j ON j.id = o.job_id
 CROSS JOIN LATERAL (SELECT sees_cases() OR does_works() AS told) w
 WHERE (does_works() AND o.firm_id = my_organisation()
        OR NOT does_works() AND o.organisation_id = ANY ((SELECT my_partners())::uuid[]))
   AND ($1::text IS NULL OR o.state = $1)
   AND (o.state NOT IN ('paid', 'cancelled', 'taken_over') OR $1::text IS NOT NULL
        OR coalesce(o.taken_over_at, o.made_at) > now() - interval '7 days')
 ORDER BY array_position('{offered,on_site,booked,accepted,done,taken_over}'::text[], o.state::text),
          o.answer_by, o.slot_from, o.made_at DESC, o.id
 LIMIT 200

-- name: works_show
SELECT o.id, o.reference, o.kind, o.state, o.local_authority, o.fast, o.priced_on, f.name AS firm, o.firm_id,
       j.id AS job_id, j.reference AS job_reference, sanctuary.order_pence(o.id) AS total_pence,
       utc(o.offered_at) AS offered_at, utc(o.answer_by) AS answer_by, utc(o.accepted_at) AS accepted_at,
       CASE WHEN w.told THEN utc(o.slot_from) END AS slot_from,
       CASE WHEN w.told THEN utc(o.slot_until) END AS slot_until,
       o.slot_agreed, utc(o.arrived_at) AS arrived_at,
       utc(o.done_at) AS done_at, utc(o.taken_over_at) AS taken_over_at, o.refusal, o.pull, o.left_as, o.keys_made,
       CASE WHEN w.told THEN o.word END AS word, colleague_name(o.operative_id) AS operative,
       to_json(CASE WHEN w.told THEN coalesce(a.ways, '{}') ELSE '{}' END) AS ways,
       CASE WHEN w.told THEN a.pets END AS pets,
       CASE WHEN w.told THEN a.asbestos END AS asbestos,
       (SELECT coalesce(json_agg(json_build_object('day', x.day,
                    'from', CASE WHEN w.told THEN to_char(x.from_time, 'HH24:MI') END,
                    'until', CASE WHEN w.told THEN to_char(x.until_time, 'HH24:MI') END)
                    ORDER BY x.day, x.from_time), '[]')
          FROM sanctuary.works_window x WHERE x.order_id = o.id) AS windows,
       (SELECT coalesce(json_agg(json_build_object('id', l.id, 'n', l.n, 'measure', l.measure, 'name', m.name,
                    'opening', l.opening, 'unit', m.unit, 'ordered_tenths', l.ordered_tenths,
                    'quantity_tenths', l.quantity_tenths,
                    'quantity', rtrim(to_char(l.quantity_tenths / 10.0, 'FM999990.9'), '.'),
                    'unit_pence', l.unit_pence,
                    'total_pence', sanctuary.cost_of(l.unit_pence, l.quantity_tenths),
                    'fitted_tenths', l.fitted_tenths,
                    'fitted', rtrim(to_char(l.fitted_tenths / 10.0, 'FM999990.9'), '.'),
                    'certificate', l.certificate) ORDER BY l.n), '[]')
          FROM sanctuary.order_line l JOIN sanctuary.measure m ON m.code = l.measure WHERE l.order_id = o.id) AS lines,
       (SELECT coalesce(json_agg(json_build_object('id', v.id, 'n', v.n, 'state', v.state, 'reason', v.reason,
                    'more_pence', v.more_pence, 'less_pence', v.less_pence, 'made_safe', v.made_safe,
                    'asked_at', utc(v.asked_at), 'decided_at', utc(v.decided_at), 'refusal', v.refusal,
                    'first_of_two', v.first_by IS NOT NULL, 'review_on', v.review_on, 'upheld', v.upheld,
                    'lines', (SELECT coalesce(json_agg(json_build_object('n', c.n, 'name', m.name,
                                   'opening', c.opening, 'was_tenths', c.was_tenths,
                                   'was', rtrim(to_char(c.was_tenths / 10.0, 'FM999990.9'), '.'),
                                   'quantity', rtrim(to_char(c.quantity_tenths / 10.0, 'FM999990.9'), '.'),
                                   'quantity_tenths', c.quantity_tenths, 'unit_pence', c.unit_pence)
                                   ORDER BY c.n), '[]')
                                FROM sanctuary.variation_line c JOIN sanctuary.measure m ON m.code = c.measure
                               WHERE c.variation_id = v.id)) ORDER BY v.n DESC), '[]')
          FROM sanctuary.variation v
         WHERE v.order_id = o.id AND (NOT does_works() OR v.asked_at >= o.offered_at)) AS changes,
       (SELECT coalesce(json_agg(json_build_object('id', i.id, 'number', i.number, 'net_pence', i.net_pence,
                    'vat_pence', i.vat_pence, 'sent_at', utc(i.sent_at), 'query', i.query, 'paid_on', i.paid_on,
                    'reference', i.payment_reference) ORDER BY i.sent_at DESC), '[]')
          FROM sanctuary.invoice i WHERE i.order_id = o.id) AS invoices,
       (SELECT coalesce(json_agg(json_build_object('at', utc(r.at), 'account', r.account, 'kind', r.kind,
                    'purpose', r.purpose)), '[]') FROM sanctuary.order_readings(o.id) r) AS readings,
       to_json(sanctuary.works_acts(o)) AS acts, to_json(sanctuary.change_acts(o)) AS change_acts,
       CASE WHEN does_works() THEN (
           SELECT coalesce(json_agg(json_build_object('code', c.id, 'label', c.display_name)
                                    ORDER BY c.display_name), '[]')
             FROM account c WHERE c.organisation_id = my_organisation() AND c.role = 'contractor'
              AND c.disabled_at IS NULL) END AS operatives,
       CASE WHEN coordinates() THEN (
           SELECT coalesce(json_agg(json_build_object('code', x.organisation_id, 'label', g.name)
                                    ORDER BY g.name), '[]')
             FROM sanctuary.firm x JOIN organisation g ON g.id = x.organisation_id
            WHERE o.local_authority = ANY (x.areas)) END AS firms,
       CASE WHEN w.told THEN (SELECT duty_telephone(g) FROM organisation g WHERE g.id = o.organisation_id)
       END AS duty_telephone, w.told AS told,
       does_works() AND sanctuary.my_order_opens(o.id) AS address_open, o.household_id AS _household, o.version
  FROM sanctuary.works_order o
  JOIN organisation f ON f.id = o.firm_id
  LEFT JOIN sanctuary.job j ON j.id = o.job_id
  LEFT JOIN sanctuary.works_access a ON a.order_id = o.id
 CROSS JOIN LATERAL (SELECT sees_cases() OR does_works() AND o.state <> 'offered' AS told) w
 WHERE o.id = $1::uuid

-- name: works_act
-- $2 version, $3 act, $4 what was entered
SELECT t.id, t.outcome AS _outcome, t.field AS _field, t.rule AS _rule, t.money AS _money,
       t.left_pence, t.most_pence, t.so_far_pence
  FROM sanctuary.act_works($1::uuid, $2::integer, $3::works_act, sanctuary.in_tenths($4::jsonb)) t

-- name: works_change_act
-- $2 version, $3 act, $4 what was entered
SELECT t.id, t.outcome AS _outcome, t.field AS _field, t.rule AS _rule, t.money AS _money,
       t.left_pence, t.most_pence, t.so_far_pence
  FROM sanctuary.act_change($1::uuid, $2::integer, $3::works_change_act, sanctuary.in_tenths($4::jsonb)) t

-- name: works_measures
-- What a change may add.
SELECT m.code, m.name AS label FROM sanctuary.measure m ORDER BY m.n

-- name: works_secret
-- $2 home or first_name: the entry of the register, where the order is a reason to be shown it.
SELECT sanctuary.order_secret($1::uuid, $2::secret_kind) AS id
