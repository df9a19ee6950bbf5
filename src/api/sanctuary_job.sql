-- Jobs of the sanctuary scheme. Row security leaves those that the caller may see.

-- name: sanctuary_job_list
-- plan: custom
-- $1 rows, $2 cursor, $3 state, $4 risk, $5 mine, $6 late, $7 ended too
SELECT l.*, l._since || '|' || l.id AS _cursor
  FROM sanctuary.job_line l
 WHERE ($3::text IS NULL OR l.state = $3) AND ($4::text IS NULL OR l.risk_level = $4)
   AND ($5::boolean IS NULL OR $5 = coalesce(l._coordinator_id = audit.me('account')::uuid, false))
   AND ($6::boolean IS NULL OR $6 = l.late)
   AND ($7::boolean IS TRUE OR $3::text IS NOT NULL OR l.state NOT IN ('closed', 'withdrawn'))
   AND ($2::text IS NULL
        OR (l._since, l.id) > (split_part($2, '|', 1)::timestamptz, split_part($2, '|', 2)::uuid))
 ORDER BY l._since, l.id LIMIT $1::integer

-- name: sanctuary_board
-- plan: custom
-- The stages with their jobs. $1 state, $2 risk, $3 mine, $4 late
SELECT s.stage,
       (SELECT coalesce(json_agg(to_jsonb(l) - '{_coordinator_id,_since}'::text[] ORDER BY l.state_since, l.id), '[]')
          FROM (SELECT * FROM sanctuary.job_line l
                 WHERE l.state = ANY (s.states) AND ($1::text IS NULL OR l.state = $1)
                   AND ($2::text IS NULL OR l.risk_level = $2)
                   AND ($3::boolean IS NULL
                        OR $3 = coalesce(l._coordinator_id = audit.me('account')::uuid, false))
                   AND ($4::boolean IS NULL OR $4 = l.late)
                 ORDER BY l._since, l.id LIMIT 50) l) AS jobs
  FROM sanctuary.stage s ORDER BY s.n

-- name: sanctuary_job_show
-- $2 the act whose form is shown, or NULL
SELECT l.*, j.tenure, j.managed_building, j.assessed_on, j.target_hours, utc(j.surveyed_at) AS surveyed_at,
       CASE WHEN sees_cases() THEN j.home_id END AS home_id,
       sees_cases() AND sanctuary.moved(j.household_id, j.home_id) AS moved,
       (SELECT to_json(p) FROM sanctuary.pot_left(j.id) p) AS pot,
       (SELECT coalesce(json_agg(json_build_object('condition', c.condition, 'answer', c.answer, 'source', c.source,
                    'legal', c.legal, 'on_day', c.on_day, 'by', colleague_name(c.recorded_by))
                                 ORDER BY c.condition), '[]')
          FROM sanctuary.condition c WHERE c.job_id = j.id AND c.ended_at IS NULL AND sees_cases()) AS conditions,
       (SELECT coalesce(json_agg(json_build_object('item', c.item, 'state', c.state, 'measures', c.measures,
                    'asked_on', c.asked_on, 'answered_on', c.answered_on, 'spoke', c.spoke, 'proof', c.proof,
                    'proof_reference', c.proof_reference, 'terms', c.terms, 'reason', c.reason) ORDER BY c.item), '[]')
          FROM sanctuary.consent c WHERE c.job_id = j.id AND sees_cases()) AS consents,
       (SELECT coalesce(json_agg(json_build_object('id', v.id, 'kind', v.kind, 'state', v.state,
                    'asked_on', v.asked_on, 'planned_on', v.planned_on, 'their_reference', v.their_reference,
                    'done_on', v.done_on, 'results', v.results, 'alarms', v.alarms) ORDER BY v.asked_on, v.id), '[]')
          FROM sanctuary.visit v WHERE v.job_id = j.id AND sees_cases()) AS visits,
       (SELECT coalesce(json_agg(s.section ORDER BY s.section), '[]')
          FROM sanctuary.survey_section s WHERE s.job_id = j.id AND sees_cases()) AS sections,
       (SELECT coalesce(json_agg(o.opening ORDER BY o.opening), '[]')
          FROM sanctuary.home_opening o WHERE o.job_id = j.id AND sees_cases()) AS openings,
       (SELECT json_build_object('id', s.id, 'n', s.n, 'total_pence', s.total_pence, 'priced_on', s.priced_on,
                    'made_by', colleague_name(s.made_by), 'made_at', utc(s.made_at),
                    'approvals', (SELECT count(*) FROM sanctuary.approval a WHERE a.spec_id = s.id),
                    'terms_met', s.terms_met, 'terms_reason', s.terms_reason,
                    'lines', (SELECT coalesce(json_agg(json_build_object('id', i.id, 'measure', i.measure,
                                  'name', m.name, 'unit', m.unit, 'opening', i.opening,
                                  'quantity', rtrim(rtrim((i.quantity_tenths / 10.0)::numeric(9, 1)::text, '0'), '.'),
                                  'quantity_tenths', i.quantity_tenths, 'unit_pence', i.unit_pence,
                                  'total_pence', i.total_pence, 'consent_item', i.consent_item,
                                  'confirmed', i.confirmed) ORDER BY i.n), '[]')
                                FROM sanctuary.line i JOIN sanctuary.measure m ON m.code = i.measure
                               WHERE i.spec_id = s.id))
          FROM sanctuary.spec s WHERE s.id = j.spec_id) AS spec,
       (SELECT json_build_object('was', c.was, 'becomes', c.becomes, 'reason', c.reason,
                    'asked_by', colleague_name(c.asked_by), 'asked_at', utc(c.asked_at))
          FROM sanctuary.correction c WHERE c.job_id = j.id AND c.settled_at IS NULL) AS correction,
       (SELECT coalesce(json_agg(json_build_object('act', s.act, 'was', s.was, 'becomes', s.becomes, 'at', utc(s.at),
                    'by', colleague_name(s.account_id), 'organisation', o.name) ORDER BY s.n), '[]')
          FROM sanctuary.step s LEFT JOIN organisation o ON o.id = s.organisation_id
         WHERE s.job_id = j.id) AS steps,
       to_json(sanctuary.acts_of(j.id)) AS acts, $2::text AS act,
       CASE WHEN $2::text IN ('specify', 'ask_consent') THEN
           (SELECT json_agg(json_build_object('code', m.code, 'label', m.name) ORDER BY m.n) FROM sanctuary.measure m
             WHERE CASE $2::text WHEN 'specify' THEN NOT m.by_variation ELSE m.leave <> 'none' END) END AS measures,
       CASE WHEN $2::text = 'visit_done' THEN
           (SELECT coalesce(json_agg(json_build_object('code', v.id, 'label',
                       v.kind || ', ' || to_char(coalesce(v.planned_on, v.asked_on), 'FMDD Mon YYYY'))), '[]')
              FROM sanctuary.visit v WHERE v.job_id = j.id AND v.state IN ('asked', 'booked')) END AS planned,
       CASE WHEN $2::text = 'record_consent' THEN
           (SELECT coalesce(json_agg(json_build_object('code', s.id, 'label', s.owner || ', ' || s.reference)
                                     ORDER BY s.owner, s.id), '[]')
              FROM sanctuary.standing_consent s
             WHERE s.organisation_id = j.organisation_id AND s.from_day <= today() AND today() < s.until_day)
       END AS standing,
       j.version, j.household_id AS _household
  FROM sanctuary.job j JOIN sanctuary.job_line l ON l.id = j.id
 WHERE j.id = $1::uuid

-- name: sanctuary_case
SELECT h.id, h.reference, h.closed_at IS NULL AS open, works_on(h.id) AS works_on, h.wants_to_stay,
       (SELECT s.id FROM case_secret s
         WHERE s.household_id = h.id AND s.kind = 'home' AND s.ended_at IS NULL) AS home_id,
       EXISTS (SELECT FROM sanctuary.job j WHERE j.household_id = h.id
                  AND j.state NOT IN ('ineligible', 'closed', 'withdrawn')) AS live,
       (SELECT coalesce(json_agg(to_jsonb(l) - '{_coordinator_id,_since}'::text[]
                                 ORDER BY l.referred_at DESC, l.id), '[]')
          FROM sanctuary.job j JOIN sanctuary.job_line l ON l.id = j.id WHERE j.household_id = h.id) AS jobs, h.version
  FROM household h
 WHERE h.id = (SELECT seen_case($1::uuid)) AND h.organisation_id = ANY ((SELECT my_partners())::uuid[])

-- name: sanctuary_refer
SELECT t.outcome AS _outcome, t.id AS _id, t.field AS _field, t.rule AS _rule, t.money AS _money
  FROM sanctuary.refer($1::uuid, $2::jsonb) t

-- name: sanctuary_letter
-- For a tenant of a social landlord: adapted since the victim signed the works off.
SELECT j.id, j.reference, o.name AS organisation, j.tenure = 'social_rent' AS social_rent,
       (SELECT max(s.on_day) FROM sanctuary.step s WHERE s.job_id = j.id AND s.act = 'sign_off') AS adapted_since,
       today() AS printed_on, j.version, j.household_id AS _household
  FROM sanctuary.job j JOIN organisation o ON o.id = j.organisation_id
 WHERE j.id = $1::uuid

-- name: sanctuary_measures
SELECT m.code, m.name, m.unit, m.trade, m.leave, m.after, p.pence, p.source
  FROM sanctuary.measure m
  LEFT JOIN LATERAL (SELECT x.pence, x.source FROM sanctuary.price x
                      WHERE x.measure = m.code AND x.from_day <= today() ORDER BY x.from_day DESC LIMIT 1) p ON true
 ORDER BY m.n
