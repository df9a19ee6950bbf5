-- Standard-risk police notifications get self-referral information and no specialist referral; whether a referral
-- came out of hours is derived; the boards know both ends of the risk.

-- ---- hours ----

CREATE TABLE office_hours (
    weekday integer PRIMARY KEY CHECK (weekday BETWEEN 1 AND 7),
    opens time NOT NULL,
    closes time NOT NULL CHECK (closes > opens)
);
COMMENT ON TABLE office_hours IS
    'The hours at which offices are open, in London; a weekday without a row, and a bank holiday, is out of hours. '
    'The operator may change them. Clocks run all the same.';
COMMENT ON COLUMN office_hours.weekday IS '1 Monday to 7 Sunday.';
COMMENT ON COLUMN office_hours.opens IS 'From this time on.';
COMMENT ON COLUMN office_hours.closes IS 'Until before this time.';
INSERT INTO office_hours SELECT day, '09:00', '17:00' FROM generate_series(1, 5) day;
SELECT guard('office_hours', 'open');

CREATE FUNCTION outside_office_hours(at timestamptz) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT NOT EXISTS (SELECT FROM office_hours o
                        WHERE o.weekday = extract(isodow FROM l.t)::integer AND l.t::time >= o.opens
                          AND l.t::time < o.closes)
           OR EXISTS (SELECT FROM bank_holiday b WHERE b.day = l.t::date)
      FROM (SELECT at AT TIME ZONE 'Europe/London' AS t) l
$$;
COMMENT ON FUNCTION outside_office_hours IS 'Whether an instant is outside the office hours of London.';
GRANT EXECUTE ON FUNCTION outside_office_hours TO haven_app;

CREATE FUNCTION referral_hours() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.out_of_hours := outside_office_hours(coalesce(NEW.submitted_at, NEW.created_at));
    RETURN NEW;
END $$;
COMMENT ON FUNCTION referral_hours IS 'Derives whether a referral came out of hours: when it was submitted, or begun.';
CREATE TRIGGER b_hours BEFORE INSERT OR UPDATE OF submitted_at, out_of_hours ON referral FOR EACH ROW
    EXECUTE FUNCTION referral_hours();
COMMENT ON COLUMN referral.out_of_hours IS
    'Submitted, or begun, outside the office hours: derived, never typed (outside_office_hours()). Clocks run '
    'all the same.';
UPDATE referral r SET out_of_hours = outside_office_hours(coalesce(r.submitted_at, r.created_at))
 WHERE NOT r.erased AND r.out_of_hours <> outside_office_hours(coalesce(r.submitted_at, r.created_at));

-- ---- police notifications of standard risk ----

ALTER DOMAIN referral_close_reason DROP CONSTRAINT referral_close_reason_check;
ALTER DOMAIN referral_close_reason ADD CONSTRAINT referral_close_reason_check CHECK (VALUE IN ('placed_elsewhere',
    'sanctuary', 'stayed_home', 'returned', 'uncontactable', 'no_consent', 'changed_mind', 'ineligible', 'duplicate',
    'recording_error', 'self_referral'));

ALTER TABLE referral ADD COLUMN self_referral_at timestamptz, ADD COLUMN self_referral_by uuid REFERENCES account;
COMMENT ON COLUMN referral.self_referral_at IS 'When the household was given the self-referral information.';
COMMENT ON COLUMN referral.self_referral_by IS 'The person who gave it.';
GRANT UPDATE (self_referral_at, self_referral_by) ON referral TO haven_app;

CREATE TABLE self_referral_information (
    position integer PRIMARY KEY,
    service text NOT NULL,
    telephone text NOT NULL,
    hours text NOT NULL,
    about text NOT NULL
);
COMMENT ON TABLE self_referral_information IS
    'What a person is told who may ask for help directly: services in the order in which they are read out. The '
    'operator adds the local ones.';
COMMENT ON COLUMN self_referral_information.position IS 'The order.';
COMMENT ON COLUMN self_referral_information.service IS 'The service.';
COMMENT ON COLUMN self_referral_information.telephone IS 'The number, as it is read out.';
COMMENT ON COLUMN self_referral_information.hours IS 'When somebody answers.';
COMMENT ON COLUMN self_referral_information.about IS 'The people whom it helps.';
INSERT INTO self_referral_information VALUES
    (1, 'Emergency services', '999', 'Day and night', 'Anybody in danger now; press 55 if you cannot speak'),
    (2, 'National Domestic Abuse Helpline', '0808 2000 247', 'Day and night', 'Women, and anyone who calls for them'),
    (3, 'Men''s Advice Line', '0808 801 0327', 'Monday to Friday', 'Men'),
    (4, 'Galop', '0800 999 5428', 'Monday to Friday', 'LGBT+ people'),
    (5, 'Karma Nirvana', '0800 5999 247', 'Monday to Friday', 'Honour-based abuse and forced marriage');
SELECT guard('self_referral_information', 'open');

CREATE FUNCTION self_referral_only(source referral_source, home household) RETURNS boolean
LANGUAGE sql IMMUTABLE AS $$
    SELECT source = 'police' AND coalesce(home.risk_level = 'standard', false) AND home.risk_least IS NULL
$$;
COMMENT ON FUNCTION self_referral_only IS
    'Whether the household is given self-referral information and no specialist referral: notified by the police, and '
    'its risk is known to be standard. If the risk later is higher, or is in doubt, this is over.';
GRANT EXECUTE ON FUNCTION self_referral_only TO haven_app;

CREATE OR REPLACE VIEW referral_view WITH (security_invoker = true) AS
SELECT r.id, r.household_id, h.reference AS household_reference, r.organisation_id, r.state,
       r.earlier_id IS NOT NULL OR known_repeat(r.id) AS repeat, r.earlier_id AS earlier_referral_id, h.urgency,
       h.risk_level, r.source, r.out_of_hours, r.close_reason, utc(r.submitted_at) AS submitted_at,
       utc(k.due_at) AS decision_due_at, utc(k.decided_at) AS decided_at,
       k.decided_at IS NULL AND coalesce(k.due_at < now(), false) AS overdue,
       utc(r.triaged_at) AS triaged_at, to_json(r.plan_measures) AS plan_measures, r.plan_review_on,
       r.standing_search, utc(r.closed_at) AS closed_at, r.version, utc(r.created_at) AS created_at,
       h.risk_least, r.state <> 'closed' AND self_referral_only(r.source, h) AS self_referral_only,
       utc(r.self_referral_at) AS self_referral_at, colleague_name(r.self_referral_by) AS self_referral_by
  FROM referral r
  JOIN household h ON h.id = r.household_id
  JOIN referral_clock k ON k.referral_id = r.id;

-- Giving the information decides such a referral.
CREATE OR REPLACE VIEW referral_clock WITH (security_invoker = true) AS
SELECT r.id AS referral_id, r.submitted_at + l.allowed AS due_at,
       least(r.closed_at, r.at_home_at, r.self_referral_at,
             (SELECT min(p.offered_at) FROM placement p
               WHERE p.household_id = r.household_id AND p.offered_at >= r.submitted_at)) AS decided_at
  FROM referral r JOIN household h ON h.id = r.household_id JOIN decision_limit l ON l.urgency = h.urgency;
COMMENT ON VIEW referral_clock IS
    'When the first decision on a referral is due, and when it was taken: by an offer, by waiting at home, by giving '
    'self-referral information, or by closing. Nothing stops this clock.';

-- ---- the boards ----

CREATE OR REPLACE VIEW board_household WITH (security_invoker = true) AS
SELECT h.id, h.version, h.reference, h.organisation_id, o.partnership_id, h.situation, h.urgency, h.band, h.risk_level,
       h.pregnant,
       h.nrpf, CASE WHEN h.nrpf_funded_until >= today() THEN h.nrpf_funded_until END AS nrpf_funded_until,
       h.due_on, h.immigration_expires_on, h.pets, h.want_from, h.want_until, h.shortest_stay_days,
       h.wishes, h.wished_areas,
       h.wished_specialisms, h.places_to_reach, h.languages, h.interpreter, h.wheelchair, h.step_free, h.ground_floor,
       h.adapted_bathroom, h.wants_to_stay, h.perpetrator_at_home, h.sole_occupation, h.consent_obtainable,
       h.overnight_carer, h.poses, h.avoids, h.tie_break,
       (extract(epoch FROM h.waiting_since) * 1000000)::bigint AS waiting_since_us,
       (SELECT string_agg(concat_ws(',', m.kind, coalesce(m.sex, '-'), m.gender_identity, coalesce(m.age, -1),
                                    m.age_on - date '1970-01-01', m.age_exact, coalesce((m.child_of = a.id)::text, '-'),
                                    couple_of(m)), ';' ORDER BY m.kind <> 'main', m.id)
          FROM member m LEFT JOIN member a ON a.household_id = h.id AND a.kind = 'main' AND a.ended_at IS NULL
         WHERE m.household_id = h.id AND m.ended_at IS NULL) AS members,
       (SELECT string_agg(concat_ws(',', coalesce(s.outward_code, '-'), coalesce(s.sector, '-'), s.cell_east,
                                    s.cell_north, s.radius_cells), ';')
          FROM unsafe_place s WHERE s.household_id = h.id AND s.ended_at IS NULL) AS unsafe_places,
       CASE WHEN h.support_needs IS NOT NULL
           THEN (SELECT coalesce(string_agg(n ->> 'need', ';'), '')
                   FROM jsonb_array_elements(h.support_needs) n) END AS needs,
       (SELECT string_agg(DISTINCT v.id || ',' || v.version, ';')
          FROM placement d JOIN unit u ON u.id = d.unit_id AND u.version = d.unit_version
          JOIN vacancy v ON v.unit_id = u.id AND v.withdrawn_at IS NULL AND v.taken_at IS NULL
         WHERE d.household_id = h.id AND d.state = 'declined' AND d.household_version = h.version) AS declined,
       -- step by step from the household's few people: any other order reads all units for each household
       (SELECT string_agg(DISTINCT v.id::text, ';')
          FROM (SELECT hash, person_index AS one FROM person_index WHERE household_id = h.id OFFSET 0) i
         CROSS JOIN LATERAL (SELECT property_id FROM property_party
                              WHERE hash = i.hash AND NOT pair_cleared(i.one, NULL, property_id) OFFSET 0) pp
         CROSS JOIN LATERAL (SELECT id FROM unit WHERE property_id = pp.property_id OFFSET 0) u
          JOIN vacancy v ON v.unit_id = u.id AND v.withdrawn_at IS NULL AND v.taken_at IS NULL) AS conflicts,
       h.unsafe_none_said_by, h.risk_least, h.home_works
  FROM household h JOIN organisation o ON o.id = h.organisation_id
 WHERE h.closed_at IS NULL AND h.waiting_since IS NOT NULL
   AND NOT EXISTS (SELECT FROM placement p WHERE p.household_id = h.id AND p.state IN ('accepted', 'arrived'))
   AND NOT EXISTS (SELECT FROM referral r WHERE r.household_id = h.id AND r.state <> 'closed'
                      AND self_referral_only(r.source, h));

-- A household that only its referral's source takes from the boards, or brings back.
CREATE FUNCTION note_source() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO change_log (kind, id) VALUES ('household', NEW.household_id);
    RETURN NULL;
END $$;
COMMENT ON FUNCTION note_source IS 'Tells the boards that the source of a household''s referral changed.';
CREATE TRIGGER referral_source AFTER UPDATE OF source ON referral FOR EACH ROW
    WHEN (OLD.source IS DISTINCT FROM NEW.source) EXECUTE FUNCTION note_source();

-- ---- a hold ----

ALTER DOMAIN hold_outcome DROP CONSTRAINT hold_outcome_check;
ALTER DOMAIN hold_outcome ADD CONSTRAINT hold_outcome_check CHECK (VALUE IN ('held', 'no_household', 'no_vacancy',
    'minutes', 'not_open', 'not_free_yet', 'nights_taken', 'changed', 'not_suitable', 'residents_sex', 'capacity',
    'outside_period', 'read_only', 'household_placed', 'household_draft', 'household_closed', 'self_referral'));

CREATE OR REPLACE FUNCTION check_hold(item jsonb, OUT outcome hold_outcome, OUT attempt hold_attempt)
LANGUAGE plpgsql AS $$
DECLARE
    place record;
    home record;
    rules policy;
    last_day date; -- the stay ends before it; NULL is open-ended
BEGIN
    SELECT s.vacancy_id, s.unit_id, s.organisation_id, s.version, s.available_from, s.available_until, s.state
      INTO place FROM vacancy_state s WHERE s.vacancy_id = (item ->> 'vacancy_id')::uuid;
    SELECT h.id, h.organisation_id, h.version, h.closed_at, h.waiting_since, h.want_from, h.want_until,
           h.shortest_stay_days, EXISTS (SELECT FROM referral r WHERE r.household_id = h.id AND r.state <> 'closed'
                                            AND self_referral_only(r.source, h)) AS self_only
      INTO home FROM household h WHERE h.id = (item ->> 'household_id')::uuid AND h.erased_at IS NULL;
    SELECT * INTO STRICT rules FROM policy y WHERE y.id = 1;
    IF case_hidden(home.id, audit.me('account')::uuid) THEN
        home.id := NULL;
    END IF;
    attempt.vacancy_id := place.vacancy_id;
    attempt.unit_id := place.unit_id;
    attempt.organisation_id := place.organisation_id;
    attempt.household_id := home.id;
    attempt.household_version := home.version;
    attempt.minutes := coalesce((item ->> 'minutes')::integer, rules.hold_minutes);
    attempt.first_night := greatest(home.want_from, place.available_from, today());
    last_day := least(home.want_until, place.available_until);
    outcome := CASE
        WHEN home.id IS NULL THEN 'no_household'
        WHEN NOT (is_partner(place.organisation_id) AND is_partner(home.organisation_id)) THEN 'no_vacancy'
        WHEN attempt.minutes NOT BETWEEN rules.hold_least_minutes AND rules.hold_most_minutes THEN 'minutes'
        WHEN NOT works_on(home.id) THEN 'read_only'
        WHEN place.state <> 'open' THEN 'not_open'
        WHEN home.closed_at IS NOT NULL THEN 'household_closed'
        WHEN home.waiting_since IS NULL THEN 'household_draft'
        WHEN home.self_only THEN 'self_referral'
        WHEN last_day <= attempt.first_night THEN 'outside_period'
        WHEN place.version <> (item ->> 'vacancy_version')::integer THEN 'changed' END;
    IF outcome IS NULL THEN
        attempt.nights := daterange(attempt.first_night, last_day);
        attempt.stay := stay_nights(attempt.first_night, home.want_from, home.want_until, home.shortest_stay_days,
                                    rules.usual_stay_days);
    END IF;
END $$;
