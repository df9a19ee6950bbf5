-- The sanctuary scheme: a household stays in its own home, made safe. A job goes from referral to review; what may be
-- done with it in which state, by which roles and needing what, is a table of data, from which the guards, the buttons
-- of pages, the API's description, the drawn diagram and a test of every cell are made.
--
-- One function is the only door of an act on a job (0081_sanctuary_door.sql). It locks the case and the job, reads the
-- table, asks each need, does what the act does besides, and changes the state and its version in one statement with
-- the row of the timeline. A need is a function sanctuary.need_<code>(job, item), and what an act does besides is a
-- function sanctuary.do_<code>(job, item); both answer NULL where all is well, and else the refusal with its field. A
-- further migration adds an act by rows and such functions.

CREATE SCHEMA sanctuary;
COMMENT ON SCHEMA sanctuary IS 'The sanctuary scheme. Workers read what their caller may see; functions alone write.';
GRANT USAGE ON SCHEMA sanctuary TO haven_app;

-- ---- codes ----

CREATE DOMAIN sanctuary_state AS text CHECK (VALUE IN ('referred', 'ineligible', 'eligible', 'risk_assessed',
    'consent_requested', 'consent_refused', 'consent_granted', 'surveyed', 'specified', 'approved', 'ordered',
    'scheduled', 'installed', 'signed_off', 'reviewed_3m', 'reviewed_6m', 'closed', 'withdrawn'));
COMMENT ON DOMAIN sanctuary_state IS 'Course of a job of the sanctuary scheme.';

CREATE DOMAIN sanctuary_act AS text CHECK (VALUE IN ('refer', 'answer_condition', 'accept', 'refuse', 'reconsider',
    'assess_risk', 'reassess_risk', 'no_consent_needed', 'no_consent_needed_surveyed', 'ask_consent',
    'record_consent', 'record_consent_one', 'record_consent_surveyed', 'record_refusal', 'withdraw_consent',
    'visit_plan', 'visit_done', 'order_first', 'survey', 'survey_early', 'nothing_needed', 'specify', 'send_back',
    'approve_one', 'approve', 'unapprove', 'order', 'reoffer', 'schedule', 'no_access', 'install', 'snag', 'sign_off',
    'review_3m', 'review_6m', 'incident', 'close', 'close_early', 'withdraw', 'correct', 'confirm_correction',
    'drop_correction', 'reopen'));
COMMENT ON DOMAIN sanctuary_act IS
    'What is done with a job. Those with an ending are what an act is in a certain case: the door chooses it.';

CREATE DOMAIN sanctuary_outcome AS text CHECK (VALUE IN ('done', 'none', 'read_only', 'not_yours', 'changed',
    'wrong_state', 'case_closed', 'live_job', 'money'));
COMMENT ON DOMAIN sanctuary_outcome IS 'What became of an act on a job.';

CREATE DOMAIN sanctuary_trade AS text CHECK (VALUE IN ('locksmith', 'carpenter', 'glazier', 'metalwork', 'electrician',
    'fire_service', 'coordinator', 'other', 'any'));
COMMENT ON DOMAIN sanctuary_trade IS 'Who fits a measure.';

CREATE DOMAIN sanctuary_unit AS text CHECK (VALUE IN ('door', 'window', 'opening', 'room', 'each', 'set',
    'square_metre', 'metre', 'hour', 'visit'));
COMMENT ON DOMAIN sanctuary_unit IS 'What a measure is counted in.';

CREATE DOMAIN sanctuary_leave AS text CHECK (VALUE IN ('none', 'owner', 'manager'));
COMMENT ON DOMAIN sanctuary_leave IS
    'Whose leave a measure needs: of none, of the owner, or in a managed building of the freeholder or manager too.';

CREATE DOMAIN sanctuary_after AS text CHECK (VALUE IN ('stays', 'leaves', 'nothing'));
COMMENT ON DOMAIN sanctuary_after IS
    'Whether a measure stays in the home or leaves with the household at the end; nothing: there is no thing left.';

CREATE DOMAIN sanctuary_opening AS text CHECK (VALUE IN ('front_door', 'back_door', 'side_door', 'patio_door',
    'window_ground_front', 'window_ground_back', 'window_upper_front', 'window_upper_back', 'letter_plate', 'garage',
    'loft', 'side_gate', 'safe_room', 'outside', 'whole_home'));
COMMENT ON DOMAIN sanctuary_opening IS 'Where in the home a measure goes.';

CREATE DOMAIN sanctuary_item AS text CHECK (VALUE IN ('landlord', 'freeholder', 'manager', 'council'));
COMMENT ON DOMAIN sanctuary_item IS 'Whose consent is asked for.';

CREATE DOMAIN sanctuary_tenure AS text CHECK (VALUE IN ('owner', 'mortgage', 'shared_ownership', 'leasehold_flat',
    'social_rent', 'private_rent', 'temporary', 'joint_with_perpetrator', 'not_known'));
COMMENT ON DOMAIN sanctuary_tenure IS 'How the household holds its home.';

-- ---- the states, as data ----

CREATE TABLE sanctuary.act_rule (
    act sanctuary_act PRIMARY KEY,
    n smallint NOT NULL UNIQUE,
    asked_as sanctuary_act NOT NULL,
    roles text[] NOT NULL,
    needs text[] NOT NULL DEFAULT '{}',
    does text[] NOT NULL DEFAULT '{}'
);
COMMENT ON TABLE sanctuary.act_rule IS
    'The acts on a job: the roles that do each, what it needs, and what it does besides.';
COMMENT ON COLUMN sanctuary.act_rule.act IS 'The act.';
COMMENT ON COLUMN sanctuary.act_rule.n IS 'Order in lists.';
COMMENT ON COLUMN sanctuary.act_rule.asked_as IS 'The act that a caller asks for: another where the door chooses.';
COMMENT ON COLUMN sanctuary.act_rule.roles IS 'The roles of the people who do it.';
COMMENT ON COLUMN sanctuary.act_rule.needs IS 'What it needs, in the order of asking: functions sanctuary.need_….';
COMMENT ON COLUMN sanctuary.act_rule.does IS 'What it does besides the change of state: functions sanctuary.do_….';
SELECT guard('sanctuary.act_rule', 'open');

CREATE TABLE sanctuary.move (
    state sanctuary_state NOT NULL,
    act sanctuary_act NOT NULL REFERENCES sanctuary.act_rule,
    becomes sanctuary_state,
    PRIMARY KEY (state, act)
);
COMMENT ON TABLE sanctuary.move IS 'What may be done with a job in which state, and what state it then has.';
COMMENT ON COLUMN sanctuary.move.state IS 'The state before.';
COMMENT ON COLUMN sanctuary.move.act IS 'The act.';
COMMENT ON COLUMN sanctuary.move.becomes IS
    'The state after; NULL: the one before this, by the timeline (a correction).';
SELECT guard('sanctuary.move', 'open');

INSERT INTO sanctuary.act_rule (act, n, asked_as, roles)
SELECT a.act, a.n, coalesce(a.asked_as, a.act),
       ARRAY(SELECT r.role FROM regexp_split_to_table(a.roles, ' ') s
               JOIN (VALUES ('HO', 'housing_officer'), ('NV', 'navigator'), ('SC', 'sanctuary_coordinator'),
                            ('FA', 'finance_approver'), ('CO', 'contractor')) r (short, role) ON r.short = s)
  FROM (VALUES
    ('refer', 1, NULL, 'HO NV SC'), ('answer_condition', 2, NULL, 'HO NV SC'), ('accept', 3, NULL, 'SC'),
    ('refuse', 4, NULL, 'SC'), ('reconsider', 5, NULL, 'HO SC'), ('assess_risk', 6, NULL, 'HO SC'),
    ('reassess_risk', 7, 'assess_risk', 'HO SC'), ('no_consent_needed', 8, NULL, 'SC'),
    ('no_consent_needed_surveyed', 9, 'no_consent_needed', 'SC'), ('ask_consent', 10, NULL, 'SC'),
    ('record_consent', 11, NULL, 'SC'), ('record_consent_one', 12, 'record_consent', 'SC'),
    ('record_consent_surveyed', 13, 'record_consent', 'SC'), ('record_refusal', 14, NULL, 'SC'),
    ('withdraw_consent', 15, NULL, 'SC'), ('visit_plan', 16, NULL, 'SC HO'), ('visit_done', 17, NULL, 'SC HO'),
    ('order_first', 18, NULL, 'SC'), ('survey', 19, NULL, 'SC CO'), ('survey_early', 20, 'survey', 'SC CO'),
    ('nothing_needed', 21, NULL, 'SC'), ('specify', 22, NULL, 'SC'), ('send_back', 23, NULL, 'FA'),
    ('approve', 24, NULL, 'FA'), ('approve_one', 25, 'approve', 'FA'), ('unapprove', 26, NULL, 'SC FA'),
    ('order', 27, NULL, 'SC'), ('reoffer', 28, NULL, 'SC'), ('schedule', 29, NULL, 'CO SC'),
    ('no_access', 30, NULL, 'CO'), ('install', 31, NULL, 'CO SC'), ('snag', 32, NULL, 'SC HO'),
    ('sign_off', 33, NULL, 'SC HO'), ('review_3m', 34, NULL, 'SC HO'), ('review_6m', 35, NULL, 'SC HO'),
    ('incident', 36, NULL, 'HO SC'), ('close', 37, NULL, 'SC'), ('close_early', 38, NULL, 'SC'),
    ('withdraw', 39, NULL, 'HO SC'), ('correct', 40, NULL, 'SC'), ('confirm_correction', 41, NULL, 'SC FA'),
    ('drop_correction', 42, NULL, 'SC FA'), ('reopen', 43, NULL, 'HO SC')) a (act, n, asked_as, roles);

-- "-" in the last column: the state does not change; "<": the state before this one.
INSERT INTO sanctuary.move (act, state, becomes)
SELECT m.act, s, CASE m.becomes WHEN '-' THEN s WHEN '<' THEN NULL ELSE m.becomes END
  FROM (VALUES
    ('answer_condition', 'referred eligible ineligible', '-'),
    ('accept', 'referred', 'eligible'),
    ('refuse', 'referred eligible', 'ineligible'),
    ('reconsider', 'ineligible', 'referred'),
    ('assess_risk', 'eligible', 'risk_assessed'),
    ('reassess_risk', 'risk_assessed consent_requested consent_refused consent_granted surveyed specified approved '
                      'ordered scheduled', '-'),
    ('no_consent_needed', 'risk_assessed', 'consent_granted'),
    ('no_consent_needed_surveyed', 'risk_assessed', 'surveyed'),
    ('ask_consent', 'risk_assessed consent_refused', 'consent_requested'),
    ('record_consent', 'consent_requested', 'consent_granted'),
    ('record_consent_one', 'consent_requested', '-'),
    ('record_consent_surveyed', 'consent_requested', 'surveyed'),
    ('record_refusal', 'consent_requested', 'consent_refused'),
    ('withdraw_consent', 'consent_granted surveyed specified approved', 'consent_refused'),
    ('visit_plan', 'referred eligible risk_assessed consent_requested consent_refused consent_granted surveyed '
                   'specified approved ordered scheduled', '-'),
    ('visit_done', 'referred eligible risk_assessed consent_requested consent_refused consent_granted surveyed '
                   'specified approved ordered scheduled', '-'),
    ('order_first', 'risk_assessed consent_requested consent_refused consent_granted surveyed', '-'),
    ('survey', 'consent_granted', 'surveyed'),
    ('survey_early', 'risk_assessed consent_requested', '-'),
    ('nothing_needed', 'surveyed', 'closed'),
    ('specify', 'surveyed specified', 'specified'),
    ('send_back', 'specified', 'surveyed'),
    ('approve_one', 'specified', '-'),
    ('approve', 'specified', 'approved'),
    ('unapprove', 'approved', 'specified'),
    ('order', 'approved', 'ordered'),
    ('reoffer', 'ordered', '-'),
    ('schedule', 'ordered scheduled', 'scheduled'),
    ('no_access', 'scheduled', 'ordered'),
    ('install', 'scheduled', 'installed'),
    ('snag', 'installed signed_off reviewed_3m', '-'),
    ('sign_off', 'installed', 'signed_off'),
    ('review_3m', 'signed_off', 'reviewed_3m'),
    ('review_6m', 'signed_off reviewed_3m', 'reviewed_6m'),
    ('incident', 'installed signed_off reviewed_3m reviewed_6m', '-'),
    ('close', 'reviewed_6m', 'closed'),
    ('close_early', 'signed_off reviewed_3m', 'closed'),
    ('withdraw', 'referred eligible risk_assessed consent_requested consent_refused consent_granted surveyed '
                 'specified approved ordered scheduled', 'withdrawn'),
    ('correct', 'ineligible eligible risk_assessed consent_requested consent_refused consent_granted surveyed '
                'specified approved ordered scheduled installed signed_off reviewed_3m reviewed_6m', '-'),
    ('drop_correction', 'ineligible eligible risk_assessed consent_requested consent_refused consent_granted '
                        'surveyed specified approved ordered scheduled installed signed_off reviewed_3m reviewed_6m',
     '-'),
    ('confirm_correction', 'ineligible eligible risk_assessed consent_requested consent_refused consent_granted '
                           'surveyed specified approved ordered scheduled installed signed_off reviewed_3m '
                           'reviewed_6m', '<'),
    ('reopen', 'closed withdrawn', 'referred')) m (act, states, becomes),
       regexp_split_to_table(m.states, ' ') s;

-- What is done with works orders needs them: the functions of the orders take this need's place.
UPDATE sanctuary.act_rule SET needs = '{works}'
 WHERE act IN ('order_first', 'order', 'reoffer', 'schedule', 'no_access', 'install', 'snag', 'sign_off', 'review_3m',
               'review_6m', 'incident', 'close', 'close_early');

-- ---- measures and their prices ----

CREATE TABLE sanctuary.measure (
    code text PRIMARY KEY CHECK (code ~ '^[a-z][a-z0-9_]{1,30}$'),
    n smallint NOT NULL UNIQUE,
    name text NOT NULL,
    unit sanctuary_unit NOT NULL,
    trade sanctuary_trade NOT NULL,
    leave sanctuary_leave NOT NULL,
    after sanctuary_after NOT NULL,
    minutes integer NOT NULL CHECK (minutes >= 0),
    rules text[] NOT NULL DEFAULT '{}',
    goes_with text,
    needs_smoke boolean NOT NULL DEFAULT false,
    needs_fire_visit boolean NOT NULL DEFAULT false,
    by_variation boolean NOT NULL DEFAULT false
);
COMMENT ON TABLE sanctuary.measure IS 'The catalogue of what is fitted. The operator keeps it.';
COMMENT ON COLUMN sanctuary.measure.code IS 'Code.';
COMMENT ON COLUMN sanctuary.measure.n IS 'Order in lists.';
COMMENT ON COLUMN sanctuary.measure.name IS 'What it is.';
COMMENT ON COLUMN sanctuary.measure.unit IS 'What it is counted in.';
COMMENT ON COLUMN sanctuary.measure.trade IS 'Who fits it.';
COMMENT ON COLUMN sanctuary.measure.leave IS 'Whose leave it needs.';
COMMENT ON COLUMN sanctuary.measure.after IS 'What becomes of it at the end.';
COMMENT ON COLUMN sanctuary.measure.minutes IS 'Guessed minutes of work a unit.';
COMMENT ON COLUMN sanctuary.measure.rules IS 'The fire and safety rules that it must pass.';
COMMENT ON COLUMN sanctuary.measure.goes_with IS 'The measure without which it is not fitted.';
COMMENT ON COLUMN sanctuary.measure.needs_smoke IS 'Whether every floor must have a tested smoke alarm, or gets one.';
COMMENT ON COLUMN sanctuary.measure.needs_fire_visit IS 'Whether the fire service must have visited before.';
COMMENT ON COLUMN sanctuary.measure.by_variation IS 'Whether it is never specified, and comes by a variation alone.';
SELECT guard('sanctuary.measure', 'open');

CREATE TABLE sanctuary.price (
    measure text NOT NULL REFERENCES sanctuary.measure,
    from_day date NOT NULL,
    pence bigint NOT NULL CHECK (pence >= 0),
    source text NOT NULL,
    PRIMARY KEY (measure, from_day)
);
COMMENT ON TABLE sanctuary.price IS
    'What a unit of a measure costs, fitted and without VAT, from a day until the next row. The operator keeps it.';
COMMENT ON COLUMN sanctuary.price.measure IS 'The measure.';
COMMENT ON COLUMN sanctuary.price.from_day IS 'From this day on.';
COMMENT ON COLUMN sanctuary.price.pence IS 'Pence.';
COMMENT ON COLUMN sanctuary.price.source IS 'Where the price comes from.';
SELECT guard('sanctuary.price', 'open');

-- Plausible prices of 2026 that the service begins with: no public price list of these measures is known. A partnership
-- puts its own in their place.
WITH catalogue AS (
    SELECT row_number() OVER () AS n, c.* FROM (VALUES
    ('lock_euro', 'Euro cylinder change, anti-snap, thumb-turn inside',
     'door', 'locksmith', 'none', 'stays', 8900, 30, '{F1}'),
    ('lock_mortice', 'Mortice deadlock to BS 8621, keyless inside',
     'door', 'locksmith', 'owner', 'stays', 14500, 75, '{F1,F2}'),
    ('lock_night', 'Night latch, auto-deadlocking, BS 8621',
     'door', 'locksmith', 'owner', 'stays', 12500, 60, '{F1,F2}'),
    ('lock_upvc', 'Multipoint gearbox', 'door', 'locksmith', 'owner', 'stays', 16500, 75, '{F2}'),
    ('bolt_mortice', 'Mortice rack bolts, pair', 'door', 'locksmith', 'owner', 'stays', 6500, 45, '{F1,F2}'),
    ('bar_frame', 'Frame reinforcement, lock side and hinge side (London and Birmingham bars)',
     'door', 'carpenter', 'owner', 'stays', 15500, 60, '{F2}'),
    ('bolt_hinge', 'Hinge bolts, pair', 'door', 'carpenter', 'owner', 'stays', 4500, 30, '{F2}'),
    ('door_solid', 'External door, solid, PAS 24 doorset',
     'door', 'carpenter', 'owner', 'stays', 98000, 300, '{F2,F6}'),
    ('door_repair', 'Frame or door repair after attack', 'door', 'carpenter', 'owner', 'stays', 18500, 120, '{F2}'),
    ('viewer', 'Door viewer 180°', 'door', 'carpenter', 'owner', 'stays', 3500, 20, '{F2}'),
    ('viewer_low', 'Second viewer at sitting or child height',
     'door', 'carpenter', 'owner', 'stays', 3500, 20, '{F2}'),
    ('chain', 'Door chain or limiter', 'door', 'carpenter', 'owner', 'stays', 3800, 20, '{F1,F2}'),
    ('letter_cage', 'Letter plate restrictor', 'door', 'carpenter', 'owner', 'stays', 4500, 25, '{F2}'),
    ('letter_fire', 'Anti-arson letter box or bag', 'door', 'carpenter', 'none', 'leaves', 7500, 25, '{}'),
    ('window_lock', 'Window lock, keyed', 'window', 'locksmith', 'owner', 'stays', 2900, 15, '{F3}'),
    ('window_restrict', 'Restrictor, releasable', 'window', 'carpenter', 'owner', 'stays', 3200, 20, '{F3}'),
    ('window_film', 'Safety film', 'square_metre', 'glazier', 'owner', 'stays', 6800, 40, '{}'),
    ('window_lam', 'Laminated glass', 'square_metre', 'glazier', 'owner', 'stays', 19500, 60, '{}'),
    ('window_frost', 'Privacy film', 'square_metre', 'glazier', 'none', 'stays', 3900, 30, '{}'),
    ('grille', 'Opening grille with quick release', 'opening', 'metalwork', 'manager', 'stays', 32500, 120, '{F2,F4}'),
    ('room_door', 'Safe room: FD30 solid-core door re-hung outward',
     'room', 'carpenter', 'owner', 'stays', 52000, 240, '{F5}'),
    ('room_bolts', 'Safe room: two mortice bolts', 'room', 'carpenter', 'owner', 'stays', 7800, 45, '{}'),
    ('room_hinges', 'Safe room: three large hinges, hinge bolts',
     'room', 'carpenter', 'owner', 'stays', 6400, 45, '{}'),
    ('room_strips', 'Safe room: intumescent strips and smoke seal',
     'room', 'carpenter', 'owner', 'stays', 4800, 40, '{}'),
    ('room_kit', 'Safe room kit: charged phone, torch, window hammer, blanket',
     'room', 'coordinator', 'none', 'leaves', 6500, 10, '{}'),
    ('smoke', 'Smoke alarm, 10-year battery', 'each', 'fire_service', 'none', 'stays', 2800, 15, '{}'),
    ('smoke_linked', 'Linked alarms, radio', 'each', 'electrician', 'owner', 'stays', 6900, 30, '{}'),
    ('smoke_deaf', 'Flashing and vibrating set', 'set', 'fire_service', 'none', 'leaves', 18500, 45, '{}'),
    ('co_alarm', 'Carbon monoxide alarm', 'each', 'fire_service', 'none', 'stays', 2600, 10, '{}'),
    ('fire_blanket', 'Fire blanket', 'each', 'coordinator', 'none', 'leaves', 1600, 5, '{}'),
    ('extinguisher', 'Extinguisher, domestic, with advice',
     'each', 'fire_service', 'none', 'leaves', 4200, 10, '{F7}'),
    ('ladder', 'Escape ladder', 'each', 'coordinator', 'none', 'leaves', 7800, 10, '{F7}'),
    ('light_sensor', 'Security light with sensor', 'each', 'electrician', 'owner', 'stays', 14800, 90, '{}'),
    ('light_battery', 'Battery light with sensor', 'each', 'coordinator', 'none', 'leaves', 3200, 10, '{}'),
    ('alarm_wireless', 'Wireless intruder alarm', 'set', 'electrician', 'none', 'leaves', 24500, 120, '{F8}'),
    ('alarm_personal', 'Personal attack alarm', 'each', 'coordinator', 'none', 'leaves', 1200, 2, '{}'),
    ('phone', 'Basic telephone, credit', 'each', 'coordinator', 'none', 'leaves', 4500, 10, '{}'),
    ('cctv_local', 'Camera, local recording', 'each', 'electrician', 'owner', 'leaves', 26500, 120, '{F8}'),
    ('doorbell_video', 'Video doorbell', 'each', 'electrician', 'none', 'leaves', 14500, 45, '{F8}'),
    ('dummy_box', 'Alarm box, dummy', 'each', 'coordinator', 'owner', 'stays', 2500, 20, '{}'),
    ('gate', 'Side gate with lock', 'each', 'carpenter', 'owner', 'stays', 38500, 240, '{}'),
    ('fence', 'Fence panel or topping', 'metre', 'carpenter', 'owner', 'stays', 9500, 60, '{}'),
    ('planting', 'Defensive planting', 'metre', 'other', 'owner', 'stays', 4500, 60, '{}'),
    ('marking', 'Property marking kit', 'set', 'coordinator', 'none', 'leaves', 1800, 15, '{}'),
    ('key_safe_off', 'Removal of key safe', 'each', 'locksmith', 'none', 'nothing', 3500, 20, '{}'),
    ('board_up', 'Emergency boarding', 'opening', 'carpenter', 'none', 'nothing', 9500, 45, '{}'),
    ('callout', 'Call-out, no access', 'visit', 'any', 'none', 'nothing', 4000, 0, '{}'),
    ('make_good', 'Making good, removal at end', 'hour', 'any', 'owner', 'nothing', 4200, 60, '{}'))
        c (code, name, unit, trade, leave, after, pence, minutes, rules)),
measures AS (
    INSERT INTO sanctuary.measure (code, n, name, unit, trade, leave, after, minutes, rules)
    SELECT c.code, c.n, c.name, c.unit, c.trade, c.leave, c.after, c.minutes, c.rules::text[] FROM catalogue c)
INSERT INTO sanctuary.price
SELECT c.code, '2026-01-01', c.pence, 'Invented default: replace it by the price of the partnership' FROM catalogue c;
UPDATE sanctuary.measure SET goes_with = 'room_door' WHERE code LIKE 'room\_%' AND code <> 'room_door';
UPDATE sanctuary.measure SET needs_smoke = true
 WHERE code IN ('lock_euro', 'lock_mortice', 'lock_night', 'bolt_mortice', 'bar_frame', 'letter_fire',
                'grille', 'room_door', 'room_bolts');
UPDATE sanctuary.measure SET needs_fire_visit = true WHERE code IN ('grille', 'room_door');
UPDATE sanctuary.measure SET by_variation = true WHERE code = 'callout';

CREATE FUNCTION sanctuary.price_of(of_measure text, day date) RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT p.pence FROM sanctuary.price p WHERE p.measure = of_measure AND p.from_day <= day
     ORDER BY p.from_day DESC LIMIT 1
$$;
COMMENT ON FUNCTION sanctuary.price_of IS 'Pence of a unit of a measure on a day; NULL where it has no price then.';

CREATE FUNCTION sanctuary.cost_of(unit_pence bigint, quantity_tenths bigint) RETURNS bigint LANGUAGE sql IMMUTABLE AS
$$ SELECT (2 * unit_pence * quantity_tenths + 10) / 20 $$;
COMMENT ON FUNCTION sanctuary.cost_of IS
    'Pence of a quantity in tenths of a unit: rounded half up to whole pence, once a line.';
GRANT EXECUTE ON FUNCTION sanctuary.cost_of TO haven_app;

-- ---- jobs ----

CREATE FUNCTION sanctuary.new_reference() RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    fresh text;
BEGIN
    LOOP
        fresh := 'S' || substr(new_reference(), 2);
        EXIT WHEN NOT EXISTS (SELECT FROM sanctuary.job j WHERE j.reference = fresh);
    END LOOP;
    RETURN fresh;
END $$;
COMMENT ON FUNCTION sanctuary.new_reference IS 'A reference of a job, as S-7KQ2MX: made as a case''s is.';

CREATE TABLE sanctuary.job (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    reference text NOT NULL UNIQUE DEFAULT sanctuary.new_reference(),
    household_id uuid NOT NULL REFERENCES household,
    organisation_id uuid NOT NULL REFERENCES organisation,
    home_id uuid,
    tenure sanctuary_tenure NOT NULL DEFAULT 'not_known',
    managed_building boolean,
    state sanctuary_state NOT NULL DEFAULT 'referred',
    state_since timestamptz NOT NULL DEFAULT now(),
    risk_level risk_level,
    assessed_on date,
    target_hours smallint CHECK (target_hours IN (24, 72)),
    surveyed_at timestamptz,
    due_at timestamptz,
    spec_id uuid,
    keeper_id uuid REFERENCES organisation,
    coordinator_id uuid REFERENCES account,
    referred_by uuid NOT NULL REFERENCES account,
    referred_at timestamptz NOT NULL DEFAULT now(),
    ended_at timestamptz,
    version integer NOT NULL DEFAULT 1
);
COMMENT ON TABLE sanctuary.job IS
    'A home that is to be made safe for the household that lives in it. Its address is in the vault.';
COMMENT ON COLUMN sanctuary.job.id IS 'Identity.';
COMMENT ON COLUMN sanctuary.job.reference IS 'What the scheme and finance call it; it says nothing of the case.';
COMMENT ON COLUMN sanctuary.job.household_id IS 'The household.';
COMMENT ON COLUMN sanctuary.job.organisation_id IS 'The organisation whose scheme it is: the one that took the case.';
COMMENT ON COLUMN sanctuary.job.home_id IS 'The row of the vault with the home''s address.';
COMMENT ON COLUMN sanctuary.job.tenure IS 'How the household holds its home.';
COMMENT ON COLUMN sanctuary.job.managed_building IS 'Whether a company manages the building; NULL is not known.';
COMMENT ON COLUMN sanctuary.job.state IS 'Where it stands.';
COMMENT ON COLUMN sanctuary.job.state_since IS 'Since when.';
COMMENT ON COLUMN sanctuary.job.risk_level IS 'The risk of the last assessment for this job; unknown counts as high.';
COMMENT ON COLUMN sanctuary.job.assessed_on IS 'The London day of that assessment.';
COMMENT ON COLUMN sanctuary.job.target_hours IS 'Hours from the survey to the installation: 24 where the risk is high.';
COMMENT ON COLUMN sanctuary.job.surveyed_at IS 'When the survey was complete: the installation clock runs from here.';
COMMENT ON COLUMN sanctuary.job.due_at IS 'When it is to be installed; it moves only to an earlier time.';
COMMENT ON COLUMN sanctuary.job.spec_id IS
    'The specification that counts; without a constraint, since specifications refer to the job.';
COMMENT ON COLUMN sanctuary.job.keeper_id IS 'The organisation that keeps the pot that it is to be paid from.';
COMMENT ON COLUMN sanctuary.job.coordinator_id IS 'The coordinator who accepted it.';
COMMENT ON COLUMN sanctuary.job.referred_by IS 'The person who referred it.';
COMMENT ON COLUMN sanctuary.job.referred_at IS 'When.';
COMMENT ON COLUMN sanctuary.job.ended_at IS 'When it was closed or withdrawn.';
COMMENT ON COLUMN sanctuary.job.version IS 'Grows by one with each act; the ETag.';
CREATE UNIQUE INDEX job_live ON sanctuary.job (household_id) WHERE state NOT IN ('ineligible', 'closed', 'withdrawn');
CREATE INDEX job_household ON sanctuary.job (household_id, referred_at, id);
CREATE INDEX job_board ON sanctuary.job (organisation_id, state, state_since, id);
CREATE INDEX job_waits ON sanctuary.job (state_since, id);
CREATE INDEX job_keeper ON sanctuary.job (keeper_id, state, state_since, id);

SELECT guard('sanctuary.job', 'case', erase => 'facts', untold => '{home_id}');

CREATE FUNCTION sanctuary.sees_cost() RETURNS boolean LANGUAGE sql STABLE AS
$$ SELECT audit.me('role') IN ('finance_officer', 'finance_approver') $$;
COMMENT ON FUNCTION sanctuary.sees_cost IS
    'Whether the caller sees the jobs that a pot of the own organisation pays for, by reference alone.';
GRANT EXECUTE ON FUNCTION sanctuary.sees_cost TO haven_app;

CREATE POLICY pots ON sanctuary.job FOR SELECT TO haven_app
    USING ((SELECT sanctuary.sees_cost()) AND keeper_id = (SELECT my_organisation())
           AND household_id NOT IN (SELECT withheld_cases()));

CREATE FUNCTION sanctuary.job_seen(job uuid) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN EXISTS (SELECT FROM sanctuary.job j WHERE j.id = job);
END $$;
COMMENT ON FUNCTION sanctuary.job_seen IS 'Whether the caller sees a job, by the policies of the jobs.';
GRANT EXECUTE ON FUNCTION sanctuary.job_seen TO haven_app;

-- works	what belongs to a job: seen by the people who see the job, written by functions
INSERT INTO guard_kind (name, closed, readable, recorded, proven_by, policies) VALUES
    ('works', true, true, true, NULL, ARRAY[
        'CREATE POLICY jobs ON %s FOR SELECT TO haven_app USING (sanctuary.job_seen(job_id))']);

CREATE TABLE sanctuary.spec (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    job_id uuid NOT NULL REFERENCES sanctuary.job,
    household_id uuid NOT NULL REFERENCES household,
    n smallint NOT NULL CHECK (n > 0),
    total_pence bigint NOT NULL CHECK (total_pence >= 0),
    priced_on date NOT NULL DEFAULT today(),
    pot_year_id uuid REFERENCES fund.pot_year,
    made_by uuid NOT NULL REFERENCES account,
    made_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT spec_once UNIQUE (job_id, n)
);
COMMENT ON TABLE sanctuary.spec IS 'What is to be fitted, and what it costs by the prices of that day. Never changed.';
COMMENT ON COLUMN sanctuary.spec.id IS 'Identity.';
COMMENT ON COLUMN sanctuary.spec.job_id IS 'The job.';
COMMENT ON COLUMN sanctuary.spec.household_id IS 'The household.';
COMMENT ON COLUMN sanctuary.spec.n IS 'Version: every change is a new one.';
COMMENT ON COLUMN sanctuary.spec.total_pence IS 'Pence of its lines together, without VAT.';
COMMENT ON COLUMN sanctuary.spec.priced_on IS 'The day of its prices.';
COMMENT ON COLUMN sanctuary.spec.pot_year_id IS 'The pot''s year that it is asked of.';
COMMENT ON COLUMN sanctuary.spec.made_by IS 'The person who specified it: that person approves no part of it.';
COMMENT ON COLUMN sanctuary.spec.made_at IS 'When.';
SELECT guard('sanctuary.spec', 'works', erase => 'kept');

CREATE TABLE sanctuary.line (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    job_id uuid NOT NULL REFERENCES sanctuary.job,
    household_id uuid NOT NULL REFERENCES household,
    spec_id uuid NOT NULL REFERENCES sanctuary.spec,
    n smallint NOT NULL CHECK (n > 0),
    measure text NOT NULL REFERENCES sanctuary.measure,
    opening sanctuary_opening NOT NULL,
    quantity_tenths integer NOT NULL CHECK (quantity_tenths > 0),
    unit_pence bigint NOT NULL CHECK (unit_pence >= 0),
    total_pence bigint NOT NULL CHECK (total_pence >= 0),
    consent_item sanctuary_item,
    confirmed text[] NOT NULL DEFAULT '{}',
    CONSTRAINT line_once UNIQUE (spec_id, n)
);
COMMENT ON TABLE sanctuary.line IS 'One measure of a specification. Never changed: a price is that of its day.';
COMMENT ON COLUMN sanctuary.line.id IS 'Identity.';
COMMENT ON COLUMN sanctuary.line.job_id IS 'The job.';
COMMENT ON COLUMN sanctuary.line.household_id IS 'The household.';
COMMENT ON COLUMN sanctuary.line.spec_id IS 'The specification.';
COMMENT ON COLUMN sanctuary.line.n IS 'Order.';
COMMENT ON COLUMN sanctuary.line.measure IS 'What.';
COMMENT ON COLUMN sanctuary.line.opening IS 'Where.';
COMMENT ON COLUMN sanctuary.line.quantity_tenths IS 'Tenths of the measure''s unit.';
COMMENT ON COLUMN sanctuary.line.unit_pence IS 'Pence of a unit on the day of the specification.';
COMMENT ON COLUMN sanctuary.line.total_pence IS 'Pence of the quantity: sanctuary.cost_of().';
COMMENT ON COLUMN sanctuary.line.consent_item IS 'Whose consent it needs; NULL: none is needed.';
COMMENT ON COLUMN sanctuary.line.confirmed IS 'What the specifier confirmed for the fire and safety rules.';
CREATE INDEX line_job ON sanctuary.line (job_id, spec_id, n);
SELECT guard('sanctuary.line', 'works', erase => 'kept');

CREATE TABLE sanctuary.step (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    job_id uuid NOT NULL REFERENCES sanctuary.job,
    household_id uuid NOT NULL REFERENCES household,
    n integer NOT NULL,
    act sanctuary_act NOT NULL,
    was sanctuary_state,
    becomes sanctuary_state NOT NULL,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    on_day date NOT NULL DEFAULT today(),
    account_id uuid REFERENCES account,
    organisation_id uuid REFERENCES organisation,
    role role,
    said jsonb NOT NULL DEFAULT '{}',
    CONSTRAINT step_once UNIQUE (job_id, n)
);
COMMENT ON TABLE sanctuary.step IS 'The timeline of a job: one row an act. Rows are only added.';
COMMENT ON COLUMN sanctuary.step.id IS 'Identity.';
COMMENT ON COLUMN sanctuary.step.job_id IS 'The job.';
COMMENT ON COLUMN sanctuary.step.household_id IS 'The household.';
COMMENT ON COLUMN sanctuary.step.n IS 'The job''s version that it made.';
COMMENT ON COLUMN sanctuary.step.act IS 'What was done.';
COMMENT ON COLUMN sanctuary.step.was IS 'The state before; NULL: there was no job.';
COMMENT ON COLUMN sanctuary.step.becomes IS 'The state after.';
COMMENT ON COLUMN sanctuary.step.at IS 'When.';
COMMENT ON COLUMN sanctuary.step.on_day IS 'The London day.';
COMMENT ON COLUMN sanctuary.step.account_id IS 'The person; NULL: the service.';
COMMENT ON COLUMN sanctuary.step.organisation_id IS 'The person''s organisation then.';
COMMENT ON COLUMN sanctuary.step.role IS 'The person''s role then.';
COMMENT ON COLUMN sanctuary.step.said IS 'What was entered with it: codes, days and references.';
SELECT guard('sanctuary.step', 'works', erase => 'facts', untold => '{said}');
