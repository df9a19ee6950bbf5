-- Inventory as providers and councils need it: the working days of England and Wales.

-- ---- working days ----

-- Banking and Financial Dealings Act 1971, sch. 1, and what royal proclamations have added to every year
-- since: New Year's Day (from 1974), the first Monday in May (from 1978), and a day instead of each that falls
-- on a weekend.
CREATE FUNCTION easter_sunday(year integer) RETURNS date LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    century integer := year / 100;
    golden integer := year % 19;
    correction integer := (century - century / 4 - (8 * century + 13) / 25 + 19 * golden + 15) % 30;
    moon integer := correction - (correction / 28) * (1 - 29 / (correction + 1) * ((21 - golden) / 11));
    weekday integer := (year + year / 4 + moon + 2 - century + century / 4) % 7;
    day integer := moon - weekday; -- days after 28 March
BEGIN
    RETURN make_date(year, 3, 28) + day;
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
    -- Two days share the weekend, or Boxing Day falls on the Monday that stands for Christmas Day: then one of
    -- the two moves on to the next working day, and both are off.
    IF boxing = christmas THEN
        boxing := boxing + 1;
    END IF;
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
DELETE FROM bank_holiday
 WHERE day IN ('1995-05-01', '2002-05-27', '2012-05-28', '2020-05-04', '2022-05-30');
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
    IF days = 0 THEN
        RETURN from_day;
    END IF;
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
COMMENT ON FUNCTION turnarounds_moved IS
    'Tells the workers'' lists for searches that places in turnaround may be ready on another day.';
