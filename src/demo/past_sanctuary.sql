-- Homes that were made safe in years that are over, and those under way: rows as the acts on a job would have left
-- them. Their addresses are not in the vault: no firm is shown where a job of this kind was.

-- name: past_jobs_known
-- role: tool
-- A schema of before has no firms.
SELECT (to_regclass('sanctuary.firm') IS NOT NULL)::text AS known

-- name: past_job_steps
-- role: tool
-- The straight way of a job, with the hours since it began; a job is quicker or slower as a whole (past_jobs.pace).
CREATE TEMP TABLE past_step ON COMMIT DROP AS
SELECT s.* FROM (VALUES
    (1, 'refer', NULL, 'referred', 0, 'officer'), (2, 'accept', 'referred', 'eligible', 6, 'coordinator'),
    (3, 'assess_risk', 'eligible', 'risk_assessed', 22, 'officer'),
    (4, 'ask_consent', 'risk_assessed', 'consent_requested', 26, 'coordinator'),
    (5, 'record_consent', 'consent_requested', 'consent_granted', 74, 'coordinator'),
    (6, 'survey', 'consent_granted', 'surveyed', 98, 'coordinator'),
    (7, 'specify', 'surveyed', 'specified', 104, 'coordinator'),
    (8, 'approve', 'specified', 'approved', 122, 'approver'), (9, 'order', 'approved', 'ordered', 126, 'coordinator'),
    (10, 'schedule', 'ordered', 'scheduled', 134, 'fitter'), (11, 'install', 'scheduled', 'installed', 148, 'fitter'),
    (12, 'sign_off', 'installed', 'signed_off', 172, 'coordinator'),
    (13, 'review_3m', 'signed_off', 'reviewed_3m', 2368, 'coordinator'),
    (14, 'review_6m', 'reviewed_3m', 'reviewed_6m', 4552, 'coordinator'),
    (15, 'close', 'reviewed_6m', 'closed', 4560, 'coordinator'))
    s (n, act, was, becomes, hours, person)

-- name: past_job_people
-- role: tool
CREATE TEMP TABLE past_scheme ON COMMIT DROP AS
SELECT k.partnership_id, k.keeper_id, k.payer, k.checker, k.approver, k.limit_id,
       min(a.id::text) FILTER (WHERE a.role = 'sanctuary_coordinator')::uuid AS coordinator,
       min(a.id::text) FILTER (WHERE a.role = 'contractor')::uuid AS fitter,
       min(a.organisation_id::text) FILTER (WHERE a.role = 'contractor')::uuid AS firm_id
  FROM past_keeper k JOIN organisation o ON o.partnership_id = k.partnership_id
  JOIN account a ON a.organisation_id = o.id
 GROUP BY k.partnership_id, k.keeper_id, k.payer, k.checker, k.approver, k.limit_id

-- name: past_firms
-- role: tool
INSERT INTO sanctuary.firm (organisation_id, trades, areas, contract_from, contract_until, fire_doors)
SELECT s.firm_id, ARRAY['locksmith', 'carpenter', 'glazier', 'electrician', 'metalwork', 'fire_service', 'coordinator',
                        'other'],
       ARRAY(SELECT DISTINCT p.local_authority FROM property p JOIN organisation o ON o.id = p.organisation_id
              WHERE o.partnership_id = s.partnership_id ORDER BY 1), today() - 3000, today() + 400, true
  FROM past_scheme s

-- name: past_jobs
-- role: tool
-- $1 how many of a thousand cases that are over had a job; of the others, each that waits at home has one. A job that
-- was not through when its case closed ended with it.
CREATE TEMP TABLE past_job ON COMMIT DROP AS
WITH chosen AS (
    SELECT gen_random_uuid() AS id, h.id AS household_id, h.organisation_id, h.owner_id AS officer, s.*,
           h.created_at + interval '2 hours' AS at, coalesce(h.closed_at, now()) AS until, h.closed_at,
           coalesce(h.risk_level, 'high') AS risk_level,
           (0.6 + pg_temp.past_draw(h.id || 'pace', 100) / 100.0)
           * CASE coalesce(h.risk_level, 'high') WHEN 'high' THEN 0.45 ELSE 1 END AS pace,
           pg_temp.past_draw(h.id || 'course', 100) AS course
      FROM household h JOIN organisation o ON o.id = h.organisation_id
      JOIN past_scheme s ON s.partnership_id = o.partnership_id
      LEFT JOIN referral r ON r.household_id = h.id AND h.closed_at IS NULL
     WHERE h.owner_id IS NOT NULL AND h.created_at < now() - interval '3 hours'
       AND CASE WHEN h.closed_at IS NULL THEN r.state = 'waiting_at_home'
                ELSE pg_temp.past_draw(h.id || 'job', 1000) < $1::integer END
), reached AS (
    SELECT c.*, (SELECT max(p.n) FROM past_step p
                  WHERE (p.n = 1 OR c.course >= 8 OR p.n < 2)
                    AND c.at + make_interval(mins => (p.hours * CASE WHEN p.n < 13 THEN c.pace ELSE 1 END
                                                      * 60)::integer) < c.until) AS last
      FROM chosen c
)
SELECT r.*, CASE WHEN r.last = 15 OR r.closed_at IS NULL THEN NULL WHEN r.course < 8 THEN 'refuse'
                 WHEN r.last >= 12 THEN 'close_early' WHEN r.last = 11 THEN 'stays' ELSE 'withdraw' END AS leaves,
       gen_random_uuid() AS spec_id, gen_random_uuid() AS order_id
  FROM reached r WHERE r.last IS NOT NULL AND NOT (r.last = 11 AND r.closed_at IS NOT NULL)

-- name: past_job_times
-- role: tool
CREATE TEMP TABLE past_time ON COMMIT DROP AS
SELECT j.id, p.n, p.act, p.was, p.becomes, p.person,
       j.at + make_interval(mins => (p.hours * CASE WHEN p.n < 13 THEN j.pace ELSE 1 END * 60)::integer) AS at
  FROM past_job j JOIN past_step p ON p.n <= j.last
UNION ALL
SELECT j.id, j.last + 1, j.leaves, p.becomes, CASE j.leaves WHEN 'refuse' THEN 'ineligible' WHEN 'close_early'
           THEN 'closed' ELSE 'withdrawn' END, 'coordinator', j.until
  FROM past_job j JOIN past_step p ON p.n = j.last WHERE j.leaves IS NOT NULL

-- name: past_job_wide
-- role: tool
-- When what was done, a row a job.
CREATE TEMP TABLE past_when ON COMMIT DROP AS
SELECT t.id, max(t.at) AS since, max(t.n) AS n, (array_agg(t.becomes ORDER BY t.n DESC))[1] AS state,
       min(t.at) FILTER (WHERE t.act = 'accept') AS accepted,
       min(t.at) FILTER (WHERE t.act = 'assess_risk') AS assessed,
       min(t.at) FILTER (WHERE t.act = 'ask_consent') AS asked,
       min(t.at) FILTER (WHERE t.act = 'record_consent') AS granted,
       min(t.at) FILTER (WHERE t.act = 'survey') AS surveyed, min(t.at) FILTER (WHERE t.act = 'specify') AS specified,
       min(t.at) FILTER (WHERE t.act = 'approve') AS approved, min(t.at) FILTER (WHERE t.act = 'order') AS ordered,
       min(t.at) FILTER (WHERE t.act = 'schedule') AS scheduled,
       min(t.at) FILTER (WHERE t.act = 'install') AS installed, min(t.at) FILTER (WHERE t.act = 'sign_off') AS signed,
       min(t.at) FILTER (WHERE t.act = 'review_3m') AS after_3m,
       min(t.at) FILTER (WHERE t.act = 'review_6m') AS after_6m,
       min(t.at) FILTER (WHERE t.act IN ('refuse', 'withdraw', 'close', 'close_early')) AS ended
  FROM past_time t GROUP BY t.id

-- name: past_job_counted
-- role: tool
ANALYZE past_job, past_time, past_when, past_scheme

-- name: past_write_jobs
-- role: tool
INSERT INTO sanctuary.job (id, household_id, organisation_id, tenure, managed_building, state, state_since, risk_level,
                           assessed_on, target_hours, surveyed_at, due_at, spec_id, keeper_id, coordinator_id,
                           referred_by, referred_at, ended_at, version)
SELECT j.id, j.household_id, j.organisation_id,
       (ARRAY['social_rent', 'social_rent', 'private_rent', 'owner', 'mortgage'])[1 + j.course % 5], false, w.state,
       w.since, CASE WHEN w.assessed IS NOT NULL THEN j.risk_level END, london_day(w.assessed),
       CASE WHEN w.assessed IS NULL THEN NULL WHEN j.risk_level = 'high' THEN 24 ELSE 72 END, w.surveyed,
       w.surveyed + CASE j.risk_level WHEN 'high' THEN interval '24 hours' ELSE interval '72 hours' END,
       CASE WHEN w.specified IS NOT NULL THEN j.spec_id END, CASE WHEN w.specified IS NOT NULL THEN j.keeper_id END,
       CASE WHEN w.accepted IS NOT NULL THEN j.coordinator END, j.officer, j.at, w.ended, w.n
  FROM past_job j JOIN past_when w ON w.id = j.id

-- name: past_write_steps
-- role: tool
INSERT INTO sanctuary.step (job_id, household_id, n, act, was, becomes, at, on_day, account_id, organisation_id, role)
SELECT j.id, j.household_id, t.n, t.act, t.was, t.becomes, t.at, london_day(t.at), a.id, a.organisation_id, a.role
  FROM past_time t JOIN past_job j ON j.id = t.id
  JOIN account a ON a.id = CASE t.person WHEN 'officer' THEN j.officer WHEN 'approver' THEN j.approver
                                WHEN 'fitter' THEN j.fitter ELSE j.coordinator END

-- name: past_write_conditions
-- role: tool
INSERT INTO sanctuary.condition (job_id, household_id, condition, answer, source, on_day, recorded_by, recorded_at)
SELECT j.id, j.household_id, c.condition,
       CASE WHEN c.condition = 'perpetrator_away' AND j.course < 8 THEN 'no' ELSE 'yes' END, c.source,
       london_day(j.at), j.officer, j.at
  FROM past_job j, (VALUES ('wants_to_stay', 'household'), ('perpetrator_away', 'police'),
                           ('sole_occupation', 'document'), ('consent', 'landlord')) c (condition, source)

-- name: past_write_consents
-- role: tool
INSERT INTO sanctuary.consent (job_id, household_id, item, state, measures, asked_on, asked_by, answered_on, spoke,
                               proof, proof_reference, answered_by)
SELECT j.id, j.household_id, 'landlord', CASE WHEN w.granted IS NULL THEN 'asked' ELSE 'granted' END, '{}',
       london_day(w.asked), j.coordinator, london_day(w.granted), CASE WHEN w.granted IS NOT NULL THEN 'owner' END,
       CASE WHEN w.granted IS NOT NULL THEN 'letter' END,
       CASE WHEN w.granted IS NOT NULL THEN 'Letter of the owner' END,
       CASE WHEN w.granted IS NOT NULL THEN j.coordinator END
  FROM past_job j JOIN past_when w ON w.id = j.id WHERE w.asked IS NOT NULL

-- name: past_write_surveys
-- role: tool
INSERT INTO sanctuary.survey_section (job_id, household_id, section, answers, saved_by, saved_at)
SELECT j.id, j.household_id, s.section, s.answers::jsonb, j.coordinator, w.surveyed
  FROM past_job j JOIN past_when w ON w.id = j.id,
       (VALUES ('home', '{"kind": "house"}'), ('fire', '{"alarm_each_floor": false}'),
               ('outcome', '{"asbestos_suspected": false}')) s (section, answers)
 WHERE w.surveyed IS NOT NULL

-- name: past_write_openings
-- role: tool
INSERT INTO sanctuary.home_opening (job_id, household_id, opening, escape, saved_by, saved_at)
SELECT j.id, j.household_id, o, 'one_of_several', j.coordinator, w.surveyed
  FROM past_job j JOIN past_when w ON w.id = j.id, unnest(ARRAY['front_door', 'window_ground_back']) o
 WHERE w.surveyed IS NOT NULL

-- name: past_job_lines
-- role: tool
-- What such a home needs, at the prices of the catalogue; a line in five is left out.
CREATE TEMP TABLE past_line ON COMMIT DROP AS
SELECT gen_random_uuid() AS id, j.id AS job_id, j.household_id, j.spec_id, j.order_id,
       row_number() OVER (PARTITION BY j.id ORDER BY m.n) AS n, m.measure, m.opening, m.tenths, p.pence,
       sanctuary.cost_of(p.pence, m.tenths) AS total
  FROM past_job j JOIN past_when w ON w.id = j.id
 CROSS JOIN (VALUES (1, 'lock_euro', 'front_door', 20), (2, 'viewer', 'front_door', 10),
                    (3, 'window_lock', 'window_ground_back', 40), (4, 'letter_fire', 'letter_plate', 10),
                    (5, 'smoke', 'whole_home', 20), (6, 'light_sensor', 'outside', 10)) m (n, measure, opening, tenths)
  JOIN (SELECT DISTINCT ON (measure) measure, pence FROM sanctuary.price ORDER BY measure, from_day DESC) p
       ON p.measure = m.measure
 WHERE w.specified IS NOT NULL AND (m.n = 1 OR (j.course + m.n) % 5 > 0)

-- name: past_write_specs
-- role: tool
INSERT INTO sanctuary.spec (id, job_id, household_id, n, total_pence, priced_on, made_by, made_at)
SELECT j.spec_id, j.id, j.household_id, 1, l.total, london_day(w.specified), j.coordinator, w.specified
  FROM past_job j JOIN past_when w ON w.id = j.id
  JOIN (SELECT job_id, sum(total) AS total FROM past_line GROUP BY job_id) l ON l.job_id = j.id

-- name: past_write_lines
-- role: tool
INSERT INTO sanctuary.line (id, job_id, household_id, spec_id, n, measure, opening, quantity_tenths, unit_pence,
                            total_pence)
SELECT l.id, l.job_id, l.household_id, l.spec_id, l.n, l.measure, l.opening, l.tenths, l.pence, l.total FROM past_line l

-- name: past_job_works
-- role: tool
-- The order of each job, and what the fund promised and paid for it (past_works, which the ledger reads).
INSERT INTO past_works
SELECT gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), j.id, j.household_id, j.keeper_id, y.id, l.total,
       w.approved, j.approver,
       CASE WHEN w.signed + interval '14 days' < now() THEN w.signed + interval '14 days' END,
       CASE WHEN w.state = 'withdrawn' THEN w.ended END, j.checker
  FROM past_job j JOIN past_when w ON w.id = j.id
  JOIN (SELECT job_id, sum(total) AS total FROM past_line GROUP BY job_id) l ON l.job_id = j.id
  JOIN past_year y ON y.keeper_id = j.keeper_id AND y.year = fund.year_of(london_day(w.approved))
                  AND 'locks_security' = ANY (y.categories)
 WHERE w.approved IS NOT NULL

-- name: past_write_job_approvals
-- role: tool
INSERT INTO sanctuary.approval (job_id, household_id, spec_id, amount_pence, approved_by, approved_at, limit_id)
SELECT j.id, j.household_id, j.spec_id, p.amount, j.approver, p.at, j.limit_id
  FROM past_works p JOIN past_job j ON j.id = p.job_id

-- name: past_write_orders
-- role: tool
INSERT INTO sanctuary.works_order (id, job_id, household_id, organisation_id, firm_id, kind, state, local_authority,
                                   fast, priced_on, operative_id, offered_at, answer_by, accepted_at, slot_from,
                                   slot_until, slot_agreed, arrived_at, done_at, taken_over_at, keys_made,
                                   alarms_tested, home_secure, made_by, made_at, version)
SELECT j.order_id, j.id, j.household_id, j.organisation_id, j.firm_id, 'main',
       CASE WHEN w.state = 'withdrawn' THEN 'cancelled' WHEN p.paid_at IS NOT NULL THEN 'paid'
            WHEN w.signed IS NOT NULL THEN 'invoiced' WHEN w.installed IS NOT NULL THEN 'done'
            WHEN w.scheduled IS NOT NULL THEN 'booked' WHEN w.ordered > now() - interval '1 hour' THEN 'offered'
            ELSE 'accepted' END,
       f.areas[1], j.risk_level = 'high', london_day(w.specified),
       CASE WHEN w.ordered < now() - interval '1 hour' THEN j.fitter END, w.ordered, w.ordered + interval '4 hours',
       CASE WHEN w.ordered < now() - interval '1 hour' THEN w.ordered + interval '30 minutes' END,
       s.slot, s.slot + interval '3 hours', CASE WHEN s.slot IS NOT NULL THEN 'by_telephone' END,
       w.installed - interval '2 hours',
       w.installed, w.signed, CASE WHEN w.installed IS NOT NULL THEN 3 END,
       CASE WHEN w.installed IS NOT NULL THEN true END, CASE WHEN w.installed IS NOT NULL THEN true END, j.coordinator,
       w.ordered, 4
  FROM past_job j JOIN past_when w ON w.id = j.id JOIN past_works p ON p.job_id = j.id
  JOIN sanctuary.firm f ON f.organisation_id = j.firm_id
 CROSS JOIN LATERAL (SELECT CASE WHEN w.scheduled IS NOT NULL
                                 THEN coalesce(w.installed - interval '3 hours', w.scheduled + interval '2 days') END
                         AS slot) s
 WHERE w.ordered IS NOT NULL

-- name: past_write_order_lines
-- role: tool
INSERT INTO sanctuary.order_line (order_id, n, line_id, measure, opening, ordered_tenths, quantity_tenths, unit_pence,
                                  fitted_tenths)
SELECT o.id, l.n, l.id, l.measure, l.opening, l.tenths, l.tenths, l.pence,
       CASE WHEN o.done_at IS NOT NULL THEN l.tenths END
  FROM past_line l JOIN sanctuary.works_order o ON o.id = l.order_id

-- name: past_write_offers
-- role: tool
INSERT INTO sanctuary.works_offer (order_id, firm_id, offered_at, answer_by, answered_at, answer)
SELECT o.id, o.firm_id, o.offered_at, o.answer_by, o.accepted_at,
       CASE WHEN o.accepted_at IS NOT NULL THEN 'accepted' END
  FROM sanctuary.works_order o

-- name: past_write_access
-- role: tool
INSERT INTO sanctuary.works_access (order_id, household_id, ways, pets, asbestos)
SELECT o.id, o.household_id, ARRAY['ring'], false, false FROM sanctuary.works_order o

-- name: past_write_invoices
-- role: tool
INSERT INTO sanctuary.invoice (order_id, firm_id, number, net_pence, vat_pence, sent_by, sent_at, paid_on,
                               payment_reference, settled_by)
SELECT j.order_id, j.firm_id, 'INV-' || row_number() OVER (ORDER BY w.signed, j.id), p.amount, p.amount / 5, j.fitter,
       w.signed,
       london_day(p.paid_at), CASE WHEN p.paid_at IS NOT NULL THEN 'Paid by the council' END,
       CASE WHEN p.paid_at IS NOT NULL THEN j.checker END
  FROM past_job j JOIN past_when w ON w.id = j.id JOIN past_works p ON p.job_id = j.id WHERE w.signed IS NOT NULL

-- name: past_write_clocks
-- role: tool
INSERT INTO sanctuary.clock (job_id, household_id, kind, started_at, due_at, ended_at, ended_as)
SELECT j.id, j.household_id, c.kind, c.begun,
       c.begun + CASE WHEN c.kind = 'installation' AND j.risk_level = 'high' THEN interval '24 hours' ELSE c.most END,
       coalesce(c.met, w.ended), CASE WHEN c.met IS NOT NULL THEN 'met' WHEN w.ended IS NOT NULL THEN 'ended' END
  FROM past_job j JOIN past_when w ON w.id = j.id
 CROSS JOIN LATERAL (VALUES ('eligibility', j.at, w.accepted, interval '1 day'),
                            ('consent', w.asked, w.granted, interval '7 days'),
                            ('survey', w.granted, w.surveyed, interval '2 days'),
                            ('installation', w.surveyed, w.installed, interval '72 hours'),
                            ('sign_off', w.installed, w.signed, interval '7 days')) c (kind, begun, met, most)
 WHERE c.begun IS NOT NULL

-- name: past_write_sign_offs
-- role: tool
INSERT INTO sanctuary.sign_off (job_id, household_id, way, interpreter, keys, felt_before, feels_now, signed_on,
                                recorded_by)
SELECT j.id, j.household_id, 'telephone', false, 3, 1 + j.course % 5, 5 + j.course % 6, london_day(w.signed),
       j.coordinator
  FROM past_job j JOIN past_when w ON w.id = j.id WHERE w.signed IS NOT NULL

-- name: past_write_reviews
-- role: tool
INSERT INTO sanctuary.review (job_id, household_id, months, due_on, reached, tries, home, contact, held, feels_now,
                              wish, marker_needed, held_on, recorded_by)
SELECT j.id, j.household_id, r.months, london_day(w.signed) + 30 * r.months, r.at IS NOT NULL OR NULL, '{}',
       CASE WHEN r.at IS NOT NULL THEN 'at_home' END, CASE WHEN r.at IS NOT NULL THEN 'none' END,
       r.at IS NOT NULL OR NULL, CASE WHEN r.at IS NOT NULL THEN 5 + j.course % 6 END,
       CASE WHEN r.at IS NOT NULL THEN 'nothing' END, CASE WHEN r.at IS NOT NULL THEN false END, london_day(r.at),
       CASE WHEN r.at IS NOT NULL THEN j.coordinator END
  FROM past_job j JOIN past_when w ON w.id = j.id
 CROSS JOIN LATERAL (VALUES (3, w.after_3m), (6, w.after_6m)) r (months, at)
 WHERE w.signed IS NOT NULL

-- name: past_write_equipment
-- role: tool
INSERT INTO sanctuary.equipment (job_id, household_id, measure)
SELECT l.job_id, l.household_id, l.measure FROM past_line l JOIN past_when w ON w.id = l.job_id
 WHERE l.measure = 'letter_fire' AND w.signed IS NOT NULL

-- name: past_write_endings
-- role: tool
INSERT INTO sanctuary.ending (job_id, household_id, ending, ended_on)
SELECT j.id, j.household_id, (ARRAY['still_at_home', 'still_at_home', 'still_at_home', 'moved_planned',
                                    'repeat_incident_held', 'not_reached'])[1 + j.course % 6], london_day(w.ended)
  FROM past_job j JOIN past_when w ON w.id = j.id WHERE w.state = 'closed'

-- name: past_write_job_tasks
-- role: tool
-- Coordinators are asked for what is due of jobs under way.
INSERT INTO task (organisation_id, kind, about, about_id, for_role, due_on)
SELECT j.organisation_id, t.kind, t.about, t.about_id, t.role, t.due_on
  FROM sanctuary.job j JOIN sanctuary.works_order o ON o.job_id = j.id
 CROSS JOIN LATERAL (
    SELECT 'works_take_over' AS kind, 'works_order' AS about, o.id AS about_id, 'sanctuary_coordinator' AS role,
           london_day(o.done_at) + 2 AS due_on WHERE o.state = 'done'
    UNION ALL
    SELECT 'job_review_3m', 'sanctuary_job', j.id, 'sanctuary_coordinator', london_day(j.state_since) + 90
     WHERE j.state = 'signed_off') t
