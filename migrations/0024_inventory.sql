-- Inventory as providers and councils need it: working days, voids that are cancelled or end an offer, when a place is
-- ready, duty telephones, lapses that are told, and declines that may rest on a protected characteristic.

-- ---- working days ----

-- Banking and Financial Dealings Act 1971, sch. 1, and what is proclaimed every year since: New Year's Day
-- (1974), the first Monday in May (1978), and a day instead of each that falls on a weekend.
CREATE FUNCTION easter_sunday(year integer) RETURNS date LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    century integer := year / 100;
    golden integer := year % 19;
    correction integer := (century - century / 4 - (8 * century + 13) / 25 + 19 * golden + 15) % 30;
    moon integer := correction - (correction / 28) * (1 - 29 / (correction + 1) * ((21 - golden) / 11));
    weekday integer := (year + year / 4 + moon + 2 - century + century / 4) % 7;
BEGIN
    RETURN make_date(year, 3, 28) + moon - weekday;
END $$;
COMMENT ON FUNCTION easter_sunday IS 'Easter of the Gregorian calendar, by the computus of Gauss as Oudin wrote it.';

CREATE FUNCTION first_monday(from_day date) RETURNS date LANGUAGE sql IMMUTABLE AS $$
    SELECT from_day + (8 - extract(isodow FROM from_day)::integer) % 7
$$;
COMMENT ON FUNCTION first_monday IS 'The first Monday on or after a day.';

CREATE FUNCTION after_weekend(day date) RETURNS date LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN extract(isodow FROM day) > 5 THEN first_monday(day) ELSE day END
$$;
COMMENT ON FUNCTION after_weekend IS 'The day, or the Monday after the weekend that it falls on.';

CREATE FUNCTION usual_bank_holidays(year integer) RETURNS TABLE (day date, name text) LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    easter date := easter_sunday(year);
    christmas date := after_weekend(make_date(year, 12, 25));
    boxing date := after_weekend(make_date(year, 12, 26));
BEGIN
    -- both days are off, also where the same Monday would stand for both
    boxing := boxing + (boxing = christmas)::integer;
    RETURN QUERY VALUES (easter - 2, 'Good Friday'), (easter + 1, 'Easter Monday'),
        (first_monday(make_date(year, 5, 25)), 'Spring bank holiday'),
        (first_monday(make_date(year, 8, 25)), 'Summer bank holiday'),
        (christmas, 'Christmas Day'), (boxing, 'Boxing Day');
    IF year >= 1974 THEN
        RETURN QUERY VALUES (after_weekend(make_date(year, 1, 1)), 'New Year''s Day');
    END IF;
    IF year >= 1978 THEN
        RETURN QUERY VALUES (first_monday(make_date(year, 5, 1)), 'Early May bank holiday');
    END IF;
END $$;
COMMENT ON FUNCTION usual_bank_holidays IS
    'The bank holidays that England and Wales have every year; which days were moved or added is data.';

CREATE TABLE bank_holiday (
    day date PRIMARY KEY,
    name text NOT NULL CHECK (name <> '')
);
COMMENT ON TABLE bank_holiday IS
    'The bank holidays of England and Wales from 1971 on, weekends left out. The usual ones of two centuries are in '
    'it from the start; `haven bank-holiday` adds and removes days as they are proclaimed.';
COMMENT ON COLUMN bank_holiday.day IS 'The day off, where it was moved the day it was moved to.';
COMMENT ON COLUMN bank_holiday.name IS 'What is kept on it.';
SELECT guard('bank_holiday', 'open');
GRANT SELECT ON bank_holiday TO haven_board;

INSERT INTO bank_holiday (day, name)
SELECT h.day, h.name FROM generate_series(1971, 2200) y, usual_bank_holidays(y) h;
DELETE FROM bank_holiday WHERE day IN ('1995-05-01', '2002-05-27', '2012-05-28', '2020-05-04', '2022-05-30');
INSERT INTO bank_holiday (day, name) VALUES
    ('1973-11-14', 'Wedding of Princess Anne'), ('1977-06-07', 'Silver Jubilee'),
    ('1981-07-29', 'Wedding of the Prince of Wales'), ('1995-05-08', 'Early May bank holiday, for VE Day'),
    ('1999-12-31', 'Millennium'), ('2002-06-03', 'Golden Jubilee'), ('2002-06-04', 'Spring bank holiday'),
    ('2011-04-29', 'Wedding of Prince William'), ('2012-06-04', 'Spring bank holiday'),
    ('2012-06-05', 'Diamond Jubilee'), ('2020-05-08', 'Early May bank holiday, for VE Day'),
    ('2022-06-02', 'Spring bank holiday'), ('2022-06-03', 'Platinum Jubilee'),
    ('2022-09-19', 'Funeral of Queen Elizabeth II'), ('2023-05-08', 'Coronation of King Charles III');

CREATE FUNCTION add_weekdays(from_day date, days integer) RETURNS date LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT from_day + days + 2 * ((least(extract(isodow FROM from_day)::integer, 5) - 1 + days) / 5)
           - CASE WHEN days = 0 THEN 0 ELSE greatest(extract(isodow FROM from_day)::integer - 5, 0) END
$$;
COMMENT ON FUNCTION add_weekdays IS 'The day that many Mondays to Fridays later.';
GRANT EXECUTE ON FUNCTION add_weekdays TO haven_app, haven_board;

-- Each bank holiday on the way makes it a weekday longer, and the longer way may have another.
CREATE OR REPLACE FUNCTION add_working_days(from_day date, days integer) RETURNS date
LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
DECLARE
    off integer := 0;
    passed integer;
BEGIN
    LOOP
        passed := (SELECT count(*) FROM bank_holiday h
                    WHERE h.day > from_day AND h.day <= add_weekdays(from_day, days + off));
        EXIT WHEN passed = off;
        off := passed;
    END LOOP;
    RETURN add_weekdays(from_day, days + off);
END $$;
COMMENT ON FUNCTION add_working_days IS
    'The day that many working days of England and Wales later: neither a Saturday, a Sunday nor a bank holiday.';

CREATE FUNCTION turnarounds_moved() RETURNS void LANGUAGE sql AS $$
    INSERT INTO change_log (kind, id)
    SELECT DISTINCT 'vacancy', v.id FROM placement p JOIN vacancy v ON v.unit_id = p.unit_id
     WHERE p.state = 'departed' AND p.departed_on > today() - 100 AND v.withdrawn_at IS NULL AND v.taken_at IS NULL
$$;
COMMENT ON FUNCTION turnarounds_moved IS 'Tells the boards that places in turnaround may be ready on another day.';

-- ---- properties and units ----

-- A scheme that existed before keeps its row: a new one cannot be made.
ALTER TABLE property ADD CONSTRAINT property_not_sanctuary CHECK (type <> 'sanctuary') NOT VALID;

-- Until now 0 stood for "no boys"; a boy under one could not be told from that.
ALTER TABLE unit DROP CONSTRAINT unit_oldest_boy_check;
UPDATE unit SET oldest_boy = -1 WHERE oldest_boy = 0;
ALTER TABLE unit ADD CONSTRAINT unit_oldest_boy_check CHECK (oldest_boy BETWEEN -1 AND 18);
COMMENT ON COLUMN unit.oldest_boy IS
    'Oldest age of a boy accepted, in years: -1 is no boys at all, 0 boys under one, 18 boys of any age.';

CREATE OR REPLACE FUNCTION unit_now(unit uuid) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    RETURN CASE
        WHEN EXISTS (SELECT FROM unit u WHERE u.id = unit AND u.closed_at IS NOT NULL) THEN 'closed'
        WHEN EXISTS (SELECT FROM void_period v WHERE v.unit_id = unit AND daterange(v.from_day, v.until_day) @> today())
             THEN 'out_of_service'
        WHEN EXISTS (SELECT FROM placement p WHERE p.unit_id = unit AND p.state = 'arrived') THEN 'occupied'
        WHEN EXISTS (SELECT FROM placement p WHERE p.unit_id = unit AND (p.state = 'accepted'
             OR p.state IN ('held', 'offered') AND p.expires_at > now())) THEN 'reserved'
        WHEN EXISTS (SELECT FROM placement p JOIN unit u ON u.id = p.unit_id JOIN property pr ON pr.id = u.property_id
                      WHERE p.unit_id = unit AND p.state = 'departed'
                        AND add_working_days(p.departed_on, pr.turnaround_days) > today()) THEN 'turnaround'
        ELSE 'available' END;
END $$;
COMMENT ON FUNCTION unit_now IS
    'The first that holds of closed, out_of_service, occupied, reserved, turnaround, available.';

CREATE FUNCTION unit_ready_on(unit uuid, wanted date) RETURNS date
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    day date := wanted;
    later date := free_from(unit, wanted);
BEGIN
    -- what ends one delay may begin the next
    WHILE later > day AND later < 'infinity' LOOP
        day := later;
        later := free_from(unit, day);
    END LOOP;
    IF wanted <= today() AND EXISTS (SELECT FROM placement p WHERE p.unit_id = unit AND p.state = 'arrived'
                                        AND upper(p.period) <= today()) THEN
        RETURN 'infinity'; -- the household should have left, and nobody recorded that it did
    END IF;
    RETURN later;
END $$;
COMMENT ON FUNCTION unit_ready_on IS
    'First day on or after `wanted` on which a household can move in; infinity where that is not known. Everyone who '
    'sees a place may know that.';
GRANT EXECUTE ON FUNCTION unit_ready_on TO haven_app;

CREATE FUNCTION unit_delayed_by(unit uuid, wanted date) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    RETURN CASE
        WHEN EXISTS (SELECT FROM void_period v WHERE v.unit_id = unit AND daterange(v.from_day, v.until_day) @> wanted)
             THEN 'out_of_service'
        WHEN unit_promised(unit, daterange(wanted, wanted + 1))
             OR EXISTS (SELECT FROM placement p WHERE p.unit_id = unit AND p.state = 'arrived') THEN 'occupied'
        ELSE 'turnaround' END;
END $$;
COMMENT ON FUNCTION unit_delayed_by IS 'What keeps a unit that is not ready from being so on a day.';
GRANT EXECUTE ON FUNCTION unit_delayed_by TO haven_app;

CREATE OR REPLACE VIEW vacancy_view WITH (security_invoker = true) AS
SELECT v.id, v.unit_id, u.reference AS unit_reference, u.property_id, p.type, p.area_label, v.organisation_id,
       o.name AS provider, v.available_from, v.available_until, s.state, s.stale,
       utc(v.confirmed_at) AS confirmed_at,
       utc(v.confirmed_at + (SELECT y.lapse FROM policy y WHERE y.id = 1)) AS lapses_at,
       utc(s.busy_until) AS held_until, (SELECT pl.id FROM placement pl
         WHERE pl.vacancy_id = v.id AND v.organisation_id = my_organisation()
           AND placement_now(pl.state, pl.expires_at) IN ('held', 'offered', 'accepted', 'arrived')
         ORDER BY pl.held_at DESC LIMIT 1) AS placement_id,
       utc(v.withdrawn_at) AS withdrawn_at, v.withdraw_reason, v.version, utc(v.created_at) AS created_at,
       CASE WHEN d.ready_on > d.wanted THEN nullif(d.ready_on, 'infinity') END AS ready_on,
       CASE WHEN d.ready_on > d.wanted THEN unit_delayed_by(v.unit_id, d.wanted) END AS delayed_by
  FROM vacancy v
  JOIN unit u ON u.id = v.unit_id
  JOIN property p ON p.id = u.property_id
  JOIN organisation o ON o.id = v.organisation_id
  JOIN vacancy_state s ON s.vacancy_id = v.id
 CROSS JOIN LATERAL (SELECT w.wanted,
                            CASE WHEN v.withdrawn_at IS NULL AND v.taken_at IS NULL
                                 THEN unit_ready_on(v.unit_id, w.wanted) END AS ready_on
                       FROM (SELECT greatest(v.available_from, today()) AS wanted) w) d;
COMMENT ON VIEW vacancy_view IS
    'Vacancies as the service shows them. Only the provider sees the placement that has one. ready_on: the day from '
    'which a household can move in, where that is later than the day offered, and delayed_by what makes it so; '
    'delayed_by without ready_on is a day not known yet.';

-- ---- voids ----

-- A cancelled period ends on the day on which it was to begin: what reads periods needs to know nothing of it.
ALTER TABLE void_period ADD COLUMN cancelled_at timestamptz, ADD COLUMN cancelled_by uuid REFERENCES account,
    ADD COLUMN planned_until date;
COMMENT ON COLUMN void_period.cancelled_at IS 'When it was cancelled, before it had begun.';
COMMENT ON COLUMN void_period.cancelled_by IS 'The person who cancelled it.';
COMMENT ON COLUMN void_period.planned_until IS 'Of a cancelled period, the until_day that it had.';
ALTER TABLE void_period DROP CONSTRAINT void_period_check;
ALTER TABLE void_period
    ADD CONSTRAINT void_period_check CHECK (until_day > from_day OR cancelled_at IS NOT NULL AND until_day = from_day),
    ADD CONSTRAINT void_cancelled CHECK ((cancelled_at IS NULL) = (cancelled_by IS NULL)
        AND (planned_until IS NULL OR cancelled_at IS NOT NULL));

CREATE FUNCTION colleague_name(account uuid) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
BEGIN
    RETURN (SELECT a.display_name FROM account a WHERE a.id = account AND a.organisation_id = my_organisation());
END $$;
COMMENT ON FUNCTION colleague_name IS 'The name of a person of the caller''s own organisation, else NULL.';
GRANT EXECUTE ON FUNCTION colleague_name TO haven_app;

CREATE OR REPLACE VIEW void_view WITH (security_invoker = true) AS
SELECT v.id, v.unit_id, u.reference AS unit_reference, v.organisation_id, v.from_day,
       CASE WHEN v.cancelled_at IS NULL THEN v.until_day ELSE v.planned_until END AS until_day, v.reason,
       CASE WHEN v.organisation_id = my_organisation() THEN v.cost_centre END AS cost_centre,
       CASE WHEN v.organisation_id = my_organisation() THEN v.note END AS note,
       v.version, utc(v.created_at) AS created_at,
       CASE WHEN v.cancelled_at IS NOT NULL THEN 'cancelled' WHEN v.from_day > today() THEN 'planned'
            WHEN v.until_day <= today() THEN 'ended' ELSE 'begun' END AS state,
       utc(v.cancelled_at) AS cancelled_at, colleague_name(v.cancelled_by) AS cancelled_by
  FROM void_period v JOIN unit u ON u.id = v.unit_id;
COMMENT ON VIEW void_view IS 'Periods out of service, those too that were cancelled before they began.';

-- ---- what is told to an organisation ----

CREATE DOMAIN notice_kind AS text CHECK (VALUE IN ('vacancy_lapsed', 'place_out_of_service'));
COMMENT ON DOMAIN notice_kind IS 'What an organisation is told on its pages without asking.';

ALTER DOMAIN cancel_reason DROP CONSTRAINT cancel_reason_check;
ALTER DOMAIN cancel_reason ADD CONSTRAINT cancel_reason_check CHECK (VALUE IN ('other_offer_accepted',
    'no_longer_needed', 'safer_option', 'found_alternative', 'changed_mind', 'uncontactable', 'recording_error',
    'out_of_service'));

CREATE TABLE notice (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    organisation_id uuid NOT NULL REFERENCES organisation,
    kind notice_kind NOT NULL,
    vacancy_id uuid NOT NULL REFERENCES vacancy,
    placement_id uuid REFERENCES placement,
    at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT notice_placement CHECK ((kind = 'place_out_of_service') = (placement_id IS NOT NULL)),
    CONSTRAINT notice_once UNIQUE NULLS NOT DISTINCT (organisation_id, kind, vacancy_id, placement_id, at)
);
COMMENT ON TABLE notice IS
    'What an organisation is told: a vacancy of its own that lapsed, a hold or offer that ended because the place went '
    'out of service.';
COMMENT ON COLUMN notice.id IS 'Identity.';
COMMENT ON COLUMN notice.organisation_id IS 'The organisation that is told.';
COMMENT ON COLUMN notice.kind IS 'What happened.';
COMMENT ON COLUMN notice.vacancy_id IS 'The vacancy.';
COMMENT ON COLUMN notice.placement_id IS 'The hold or offer that ended.';
COMMENT ON COLUMN notice.at IS 'When it happened: one lapse is told once.';
SELECT guard('notice', 'alone', recorded => false);
CREATE POLICY own ON notice FOR SELECT TO haven_app USING (organisation_id = (SELECT my_organisation()));

CREATE VIEW notice_view WITH (security_invoker = true) AS
SELECT n.id, n.kind, n.vacancy_id, n.placement_id, u.reference AS unit_reference, o.name AS provider,
       case_reference(p.household_id) AS household_reference, utc(n.at) AS at, n.at AS happened
  FROM notice n
  JOIN vacancy v ON v.id = n.vacancy_id
  JOIN unit u ON u.id = v.unit_id
  JOIN organisation o ON o.id = v.organisation_id
  LEFT JOIN placement p ON p.id = n.placement_id
 WHERE CASE n.kind
       WHEN 'vacancy_lapsed' THEN v.withdrawn_at IS NULL AND v.taken_at IS NULL AND v.confirmed_at < n.at
       ELSE p.id IS NOT NULL AND n.at > now() - interval '3 days' END;
COMMENT ON VIEW notice_view IS
    'Notices that still ask for something: a lapse until the vacancy is confirmed or withdrawn, an ended offer for '
    'three days. One about a case that is hidden from the caller is not there.';
GRANT SELECT ON notice_view TO haven_app;

CREATE FUNCTION note_lapses() RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
DECLARE
    n integer;
BEGIN
    PERFORM audit.disown();
    INSERT INTO notice (organisation_id, kind, vacancy_id, at)
    SELECT v.organisation_id, 'vacancy_lapsed', v.id, v.confirmed_at + y.lapse
      FROM vacancy v, policy y
     WHERE v.withdrawn_at IS NULL AND v.taken_at IS NULL AND v.confirmed_at <= now() - y.lapse
       AND coalesce(v.available_until, 'infinity') > today()
    ON CONFLICT DO NOTHING;
    GET DIAGNOSTICS n = ROW_COUNT;
    RETURN n;
END $$;
COMMENT ON FUNCTION note_lapses IS 'Tells providers which of their vacancies have lapsed, each lapse once.';
GRANT EXECUTE ON FUNCTION note_lapses TO haven_app;

-- A stay without an end needs the place for as long as the household can use it.
CREATE FUNCTION nights_needed(it placement) RETURNS daterange LANGUAGE sql STABLE AS $$
    SELECT daterange(lower(it.period),
                     coalesce(upper(it.period), lower(it.period) + coalesce(h.shortest_stay_days, 28)))
      FROM household h WHERE h.id = it.household_id
$$;
COMMENT ON FUNCTION nights_needed IS 'The nights of a stay, where it has no end the shortest that is of use.';

CREATE FUNCTION settle_void(void uuid) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
DECLARE
    it void_period;
    n integer;
BEGIN
    SELECT w.* INTO it FROM void_period w WHERE w.id = void AND w.organisation_id = my_organisation();
    PERFORM FROM household h
     WHERE h.id IN (SELECT p.household_id FROM placement p
                     WHERE p.unit_id = it.unit_id AND p.state IN ('held', 'offered') AND p.expires_at > now())
     ORDER BY h.id FOR NO KEY UPDATE;
    WITH ended AS (
        UPDATE placement p SET state = 'cancelled', cancel_reason = 'out_of_service', version = p.version + 1
         WHERE p.unit_id = it.unit_id AND p.state IN ('held', 'offered') AND p.expires_at > now()
           AND nights_needed(p) && daterange(it.from_day, it.until_day)
        RETURNING p.id, p.vacancy_id, p.organisation_id, p.requested_by, p.offered_at
    )
    INSERT INTO notice (organisation_id, kind, vacancy_id, placement_id)
    SELECT e.requested_by, 'place_out_of_service', e.vacancy_id, e.id FROM ended e
     UNION ALL
    SELECT e.organisation_id, 'place_out_of_service', e.vacancy_id, e.id FROM ended e WHERE e.offered_at IS NOT NULL;
    GET DIAGNOSTICS n = ROW_COUNT;
    RETURN n;
END $$;
COMMENT ON FUNCTION settle_void IS
    'With the unit locked: what is held or offered for nights of the void ends, and both sides are told why. The '
    'provider is not told of a hold that was never offered to it.';
GRANT EXECUTE ON FUNCTION settle_void TO haven_app;

-- ---- why a place cannot be held ----

CREATE DOMAIN hold_obstacle AS text CHECK (VALUE IN ('yours', 'held', 'taken', 'withdrawn', 'lapsed', 'not_ready',
    'closed'));
COMMENT ON DOMAIN hold_obstacle IS 'What keeps a vacancy from being held.';

CREATE FUNCTION hold_obstacle(vacancy uuid, household uuid, OUT obstacle hold_obstacle, OUT ready_on date,
                              OUT placement_id uuid, OUT referral_id uuid)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
DECLARE
    place record;
    wanted date;
BEGIN
    SELECT s.*, u.closed_at INTO place FROM vacancy_state s JOIN unit u ON u.id = s.unit_id
     WHERE s.vacancy_id = hold_obstacle.vacancy AND s.organisation_id = ANY (my_partners());
    wanted := greatest(place.available_from, today(), (SELECT h.want_from FROM household h WHERE h.id = household));
    ready_on := unit_ready_on(place.unit_id, wanted);
    placement_id := (SELECT p.id FROM placement p
                      WHERE p.vacancy_id = place.vacancy_id AND p.household_id = household AND case_seen(household)
                        AND placement_now(p.state, p.expires_at) IN ('held', 'offered', 'accepted', 'arrived') LIMIT 1);
    referral_id := (SELECT r.id FROM referral r WHERE r.household_id = household AND case_seen(household)
                     ORDER BY r.created_at DESC, r.id LIMIT 1);
    obstacle := CASE
        WHEN placement_id IS NOT NULL THEN 'yours'
        WHEN place.closed_at IS NOT NULL THEN 'closed'
        WHEN place.state = 'withdrawn' THEN 'withdrawn'
        WHEN place.state = 'placed' THEN 'taken'
        WHEN place.state = 'lapsed' THEN 'lapsed'
        WHEN ready_on > wanted THEN 'not_ready'
        WHEN place.state = 'held' THEN 'held'
        ELSE 'taken' END;
    ready_on := CASE WHEN obstacle = 'not_ready' AND ready_on < 'infinity' THEN ready_on END;
END $$;
COMMENT ON FUNCTION hold_obstacle IS
    'Why a vacancy cannot be held for a household now, once a hold was refused; for not_ready the day from which it '
    'can be, if that is known; for yours the placement that the household has there. The referral is the way back.';
GRANT EXECUTE ON FUNCTION hold_obstacle TO haven_app;

-- ---- duty telephones ----

ALTER TABLE organisation ADD COLUMN day_phone text CHECK (day_phone <> ''),
    ADD COLUMN night_phone text CHECK (night_phone <> ''),
    ADD COLUMN day_begins text CHECK (day_begins ~ '^([01][0-9]|2[0-3]):[0-5][0-9]$'),
    ADD COLUMN day_ends text CHECK (day_ends ~ '^([01][0-9]|2[0-3]):[0-5][0-9]$'),
    ADD CONSTRAINT organisation_day CHECK ((day_begins IS NULL) = (day_ends IS NULL) AND day_begins < day_ends);
COMMENT ON COLUMN organisation.day_phone IS 'The duty telephone by day.';
COMMENT ON COLUMN organisation.night_phone IS 'The duty telephone at all other hours.';
COMMENT ON COLUMN organisation.day_begins IS 'When the day''s telephone begins to be answered, as 08:00 in London.';
COMMENT ON COLUMN organisation.day_ends IS 'When the night''s takes over.';
GRANT UPDATE (day_phone, night_phone, day_begins, day_ends) ON organisation TO haven_app;

CREATE OR REPLACE FUNCTION organisation_proven() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    own_phones boolean := TG_OP = 'UPDATE' AND NEW.name = OLD.name AND may_write_supply(NEW.id);
BEGIN
    IF current_user = 'haven_app' AND NOT own_phones AND NOT may_administer(NEW.partnership_id) THEN
        PERFORM refuse_unproven();
    END IF;
    RETURN NEW;
END $$;
COMMENT ON FUNCTION organisation_proven IS
    'The administrators of a partnership keep its organisations; a provider''s people keep its duty telephones.';

CREATE FUNCTION duty_telephone(o organisation) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN o.day_phone IS NOT NULL OR o.night_phone IS NOT NULL THEN json_build_object(
        'day', o.day_phone, 'night', o.night_phone, 'day_begins', o.day_begins, 'day_ends', o.day_ends,
        'now', CASE WHEN o.day_begins IS NULL
                         OR (now() AT TIME ZONE 'Europe/London')::time BETWEEN o.day_begins::time AND o.day_ends::time
                    THEN coalesce(o.day_phone, o.night_phone) ELSE coalesce(o.night_phone, o.day_phone) END) END
$$;
COMMENT ON FUNCTION duty_telephone IS 'Both numbers of an organisation, their hours, and the one to call now.';
GRANT EXECUTE ON FUNCTION duty_telephone TO haven_app;

-- ---- declines and the Equality Act 2010 ----

CREATE DOMAIN protected_characteristic AS text CHECK (VALUE IN ('age', 'disability', 'gender_reassignment',
    'marriage_civil_partnership', 'pregnancy_maternity', 'race', 'religion_or_belief', 'sex', 'sexual_orientation'));
COMMENT ON DOMAIN protected_characteristic IS 'Equality Act 2010 s. 4.';

CREATE TABLE decline_ground (
    reason decline_reason NOT NULL,
    characteristic protected_characteristic NOT NULL,
    PRIMARY KEY (reason, characteristic)
);
COMMENT ON TABLE decline_ground IS
    'Which protected characteristics can hide behind a provider''s reason to decline. Not age of a child, nor marriage '
    '(s. 28), nor addiction to alcohol or drugs (SI 2010/2128 reg. 3): the Act does not protect these in services.';
COMMENT ON COLUMN decline_ground.reason IS 'The reason.';
COMMENT ON COLUMN decline_ground.characteristic IS 'What it can rest on.';
INSERT INTO decline_ground VALUES
    ('access', 'disability'), ('access', 'pregnancy_maternity'), ('needs_mental_health', 'disability'),
    ('risk_to_others', 'disability'), ('family_size', 'pregnancy_maternity'), ('language', 'race'),
    ('language', 'disability'), ('child_age_sex', 'sex'), ('child_age_sex', 'pregnancy_maternity'),
    ('resident_mix', 'sex'), ('resident_mix', 'race'), ('resident_mix', 'religion_or_belief'),
    ('resident_mix', 'sexual_orientation'), ('resident_mix', 'gender_reassignment'), ('resident_mix', 'disability');
SELECT guard('decline_ground', 'open');

CREATE TABLE ground_exception (
    characteristic protected_characteristic NOT NULL,
    exception equality_exception NOT NULL,
    PRIMARY KEY (characteristic, exception)
);
COMMENT ON TABLE ground_exception IS 'Which exceptions of the Equality Act 2010 there are for a characteristic.';
COMMENT ON COLUMN ground_exception.characteristic IS 'The characteristic.';
COMMENT ON COLUMN ground_exception.exception IS 'An exception that can allow a decline because of it.';
INSERT INTO ground_exception VALUES
    ('sex', 'single_sex_service'), ('sex', 'separate_services'), ('sex', 'communal_accommodation'),
    ('gender_reassignment', 'single_sex_service'), ('gender_reassignment', 'separate_services'),
    ('gender_reassignment', 'communal_accommodation');
INSERT INTO ground_exception
SELECT c.x, e.x FROM (SELECT DISTINCT characteristic FROM decline_ground) c (x),
       unnest(ARRAY['shared_characteristic_service', 'charity_beneficiaries', 'positive_action']) e (x);
SELECT guard('ground_exception', 'open');

-- "Not asked" and the like bear nothing. Everybody has a sex.
CREATE FUNCTION borne_by(household uuid) RETURNS SETOF protected_characteristic LANGUAGE sql STABLE AS $$
    SELECT b.characteristic::protected_characteristic
      FROM household h
     CROSS JOIN LATERAL (
           SELECT bool_or(m.gender_identity IN ('trans_woman', 'trans_man', 'non_binary', 'other')
                          OR c.gender_registered = 'different') AS trans,
                  bool_or(c.disability IN ('limited_a_lot', 'limited_a_little')) AS disabled,
                  bool_or(c.ethnic_group !~ '^(white_british$|not_|prefers_)') AS race,
                  bool_or(c.religion !~ '^(no_religion$|not_|prefers_)') AS religion,
                  bool_or(c.sexual_orientation IN ('gay_or_lesbian', 'bisexual', 'any_other')) AS orientation,
                  bool_or(m.kind = 'child' AND m.age + extract(year FROM age(today(), m.age_on)) < 1) AS baby
             FROM member m LEFT JOIN member_characteristic c ON c.id = m.id
            WHERE m.household_id = h.id AND m.ended_at IS NULL) p
     CROSS JOIN LATERAL (VALUES
           ('sex', true),
           ('disability', p.disabled OR h.wheelchair <> 'none' OR h.step_free OR h.ground_floor OR h.adapted_bathroom
                          OR h.support_needs @> '[{"need": "mental_health"}]' OR 'bfi' = ANY (h.languages)),
           ('pregnancy_maternity', h.pregnant OR p.baby),
           ('race', p.race OR h.interpreter OR NOT h.languages <@ '{en,bfi}' OR h.nrpf),
           ('gender_reassignment', p.trans), ('religion_or_belief', p.religion),
           ('sexual_orientation', p.orientation)) b (characteristic, borne)
     WHERE h.id = household AND b.borne
$$;
COMMENT ON FUNCTION borne_by IS
    'Protected characteristics that a household is recorded to have, or whose needs it has.';

CREATE FUNCTION decline_exceptions(placement uuid, reason text) RETURNS text[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
BEGIN
    RETURN (SELECT array_agg(DISTINCT x.exception::text)
              FROM placement p
              JOIN decline_ground g ON g.reason = decline_exceptions.reason
               AND g.characteristic IN (SELECT borne_by(p.household_id))
              LEFT JOIN ground_exception x ON x.characteristic = g.characteristic
             WHERE p.id = decline_exceptions.placement AND p.organisation_id = my_organisation());
END $$;
COMMENT ON FUNCTION decline_exceptions IS
    'NULL where a provider''s reason cannot rest on a protected characteristic of the household; else the provider '
    'must say whether it does, and these are the exceptions that fit. It does not say which characteristic that is.';
GRANT EXECUTE ON FUNCTION decline_exceptions TO haven_app;

-- ---- where a household was placed ----

CREATE FUNCTION referral_of(placement uuid) RETURNS uuid LANGUAGE sql STABLE AS $$
    SELECT r.id FROM placement p JOIN referral r ON r.household_id = p.household_id
     WHERE p.id = referral_of.placement AND r.created_at <= p.held_at
     ORDER BY r.created_at DESC, r.id LIMIT 1
$$;
COMMENT ON FUNCTION referral_of IS 'The referral of a household for which a place was taken, where the caller sees it.';
GRANT EXECUTE ON FUNCTION referral_of TO haven_app;
