-- The sanctuary jobs of the invented case load: each goes through the door, done by the people whom the data file has.

-- name: demo_sanctuary_steps
-- role: tool
-- The straight way: which person does what, and the state that it ends in.
CREATE FUNCTION pg_temp.demo_way() RETURNS TABLE (n integer, person text, act text, item jsonb, becomes text)
LANGUAGE sql AS $$
    VALUES
    (1, 'officer', 'answer_condition',
     '{"condition": "sole_occupation", "answer": "yes", "source": "document", "legal": "tenancy_agreement"}'::jsonb,
     'referred'),
    (2, 'officer', 'answer_condition', '{"condition": "consent", "answer": "yes", "source": "landlord"}', 'referred'),
    (3, 'sanctuary', 'accept', '{}', 'eligible'), (4, 'sanctuary', 'visit_plan', '{"kind": "police"}', 'eligible'),
    (5, 'officer', 'assess_risk', '{}', 'risk_assessed'), (6, 'sanctuary', 'ask_consent', NULL, 'consent_requested'),
    (7, 'sanctuary', 'record_consent', NULL, 'consent_granted'), (8, 'sanctuary', 'survey', '{}', 'surveyed'),
    (9, 'sanctuary', 'specify', '{"lines": [
        {"measure": "lock_euro", "opening": "front_door", "quantity_tenths": 20, "confirmed": ["keyless_inside"]},
        {"measure": "viewer", "opening": "front_door", "quantity_tenths": 10},
        {"measure": "window_lock", "opening": "window_ground_back", "quantity_tenths": 40},
        {"measure": "letter_fire", "opening": "letter_plate", "quantity_tenths": 10},
        {"measure": "smoke", "opening": "whole_home", "quantity_tenths": 20},
        {"measure": "light_sensor", "opening": "outside", "quantity_tenths": 10}]}', 'specified'),
    (10, 'approver', 'approve', '{}', 'approved')
$$

-- name: demo_sanctuary_survey
-- role: tool
CREATE FUNCTION pg_temp.demo_survey(job uuid) RETURNS void LANGUAGE sql AS $$
    SELECT sanctuary.save_section(job, s.section, s.said::jsonb)
      FROM (VALUES ('before', '{"householder_present": true, "safe_to_talk": true}'), ('home', '{"kind": "house"}'),
                   ('fire', '{"alarm_each_floor": false}'), ('outside', '{"lit": false}'),
                   ('devices', '{"advice_given": true}'), ('people', '{"can_work_bolts": true}'),
                   ('safe_times', '{"days": ["monday", "thursday"], "from": "09:30", "until": "14:30"}'),
                   ('interim', '{"stay_elsewhere": false}'), ('outcome', '{"asbestos_suspected": false}'))
           s (section, said);
    SELECT sanctuary.save_opening(job, o.said::jsonb)
      FROM (VALUES ('{"opening": "front_door", "fire_door": "not_marked", "escape": "one_of_several"}'),
                   ('{"opening": "window_ground_back", "material": "upvc", "escape": "one_of_several"}')) o (said)
$$

-- name: demo_sanctuary_end
-- role: tool
-- The acts by which a job leaves the straight way.
CREATE FUNCTION pg_temp.demo_leave(job uuid, state text, item text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    IF state = 'ineligible' THEN
        RETURN (sanctuary.act(job, -1, 'answer_condition',
                    '{"condition": "perpetrator_away", "answer": "no", "source": "police"}')).outcome
            || (sanctuary.act(job, -1, 'refuse', '{"reason": "perpetrator_away"}')).outcome;
    ELSIF state = 'consent_refused' THEN
        RETURN 'done' || (sanctuary.act(job, -1, 'record_refusal', jsonb_build_object('item', item, 'spoke', 'owner',
                                                                                      'reason', 'damage'))).outcome;
    END IF;
    RETURN 'done' || (sanctuary.act(job, -1, 'withdraw',
                          '{"reason": "moved_to_safe_place", "wished_by": "household"}')).outcome;
END $$

-- name: demo_sanctuary_one
-- role: tool
CREATE FUNCTION pg_temp.demo_job(it jsonb) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    straight boolean := it ->> 'state' NOT IN ('ineligible', 'consent_refused', 'withdrawn');
    goal text := CASE it ->> 'state' WHEN 'consent_refused' THEN 'consent_requested'
                     WHEN 'ineligible' THEN 'none' WHEN 'withdrawn' THEN 'eligible' ELSE it ->> 'state' END;
    owner text := CASE it ->> 'tenure' WHEN 'leasehold_flat' THEN 'freeholder' ELSE 'landlord' END;
    way record;
    one uuid;
    answer text;
BEGIN
    PERFORM pg_temp.demo_be('officer');
    SELECT t.id, t.outcome INTO one, answer
      FROM sanctuary.refer(md5('demo ' || (it ->> 'household'))::uuid, it || '{"address_safe": true}') t;
    ASSERT answer = 'done', it || answer;
    FOR way IN SELECT * FROM pg_temp.demo_way() w
                WHERE w.n <= (SELECT max(g.n) FROM pg_temp.demo_way() g WHERE g.becomes = goal) AND goal <> 'referred'
                ORDER BY w.n LOOP
        PERFORM pg_temp.demo_be(way.person);
        IF way.act = 'survey' THEN
            PERFORM pg_temp.demo_survey(one);
        END IF;
        SELECT t.outcome INTO answer FROM sanctuary.act(one, -1, way.act, coalesce(way.item, jsonb_build_object(
            'tenure', it ->> 'tenure', 'managed_building', false, 'safe_to_ask', true, 'item', owner,
            'spoke', 'owner', 'proof', 'letter', 'proof_reference', 'Letter of the owner'))) t;
        ASSERT answer = 'done', it || way.act || answer;
    END LOOP;
    IF NOT straight THEN
        PERFORM pg_temp.demo_be('sanctuary');
        answer := pg_temp.demo_leave(one, it ->> 'state', owner);
        ASSERT answer = 'donedone', it || answer;
    END IF;
    IF it ? 'works' THEN
        PERFORM pg_temp.demo_order_job(one, it);
    END IF;
    UPDATE sanctuary.job j
       SET referred_at = j.referred_at - h.ago, state_since = j.state_since - h.ago,
           surveyed_at = j.surveyed_at - h.ago, due_at = j.due_at - h.ago, ended_at = j.ended_at - h.ago
      FROM (SELECT make_interval(hours => (it ->> 'hours_ago')::integer) AS ago) h WHERE j.id = one;
    UPDATE sanctuary.step s SET at = s.at - h.ago, on_day = london_day(s.at - h.ago)
      FROM (SELECT make_interval(hours => (it ->> 'hours_ago')::integer) AS ago) h WHERE s.job_id = one;
END $$

-- name: demo_sanctuary
-- role: tool
-- Without the vault's keys no home has an address, and no job begins.
SELECT count(pg_temp.demo_job(j)::text), count(pg_temp.demo_be(NULL))
  FROM jsonb_array_elements($1::jsonb -> 'sanctuary') j
 WHERE EXISTS (SELECT FROM case_secret s
                WHERE s.household_id = md5('demo ' || (j ->> 'household'))::uuid AND s.kind = 'home')
