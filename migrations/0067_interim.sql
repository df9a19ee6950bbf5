-- Interim placements, in hotels and the like: what the nights cost is promised when the place is held, follows the
-- placement, and shows what each day of delay costs and why it is one.

CREATE DOMAIN fund_delay AS text CHECK (VALUE IN ('waits_for_provider', 'waits_for_consent', 'waits_for_place'));
COMMENT ON DOMAIN fund_delay IS 'Why a household spent a night in interim accommodation.';

CREATE TABLE fund.nightly_rate (
    from_day date PRIMARY KEY,
    nightly_pence bigint NOT NULL CHECK (nightly_pence > 0),
    source text NOT NULL,
    checked_on date NOT NULL
);
COMMENT ON TABLE fund.nightly_rate IS
    'What a night of interim accommodation is, from a night until the next row. The operator keeps it.';
COMMENT ON COLUMN fund.nightly_rate.from_day IS 'From this night on.';
COMMENT ON COLUMN fund.nightly_rate.nightly_pence IS 'Pence a night.';
COMMENT ON COLUMN fund.nightly_rate.source IS 'Where the rate comes from.';
COMMENT ON COLUMN fund.nightly_rate.checked_on IS 'When that was last looked up; finance is warned after a year.';
SELECT guard('fund.nightly_rate', 'open');
INSERT INTO fund.nightly_rate VALUES
    ('2020-01-01', 7250, 'Invented: no public local figure was found. Enter the rate that your council pays.',
     '2026-11-29');

CREATE FUNCTION fund.nights_cost(nights daterange) RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT coalesce(sum(r.nightly_pence * (upper(c.nights) - lower(c.nights))), 0)::bigint
      FROM (SELECT x.nightly_pence, daterange(x.from_day, lead(x.from_day) OVER (ORDER BY x.from_day)) AS nights
              FROM fund.nightly_rate x) r
     CROSS JOIN LATERAL (SELECT r.nights * nights_cost.nights AS nights) c
     WHERE NOT isempty(c.nights)
$$;
COMMENT ON FUNCTION fund.nights_cost IS 'Pence of interim nights, each at the rate of its evening.';
GRANT EXECUTE ON FUNCTION fund.nights_cost TO haven_app;

CREATE POLICY placements ON fund.commitment FOR SELECT TO haven_app
    USING (cause = 'placement' AND (SELECT sees_cases()) AND case_seen(household_id));

CREATE FUNCTION fund.is_interim(p placement) RETURNS boolean LANGUAGE sql STABLE AS
$$ SELECT t.type = 'interim' FROM unit u JOIN property t ON t.id = u.property_id WHERE u.id = p.unit_id $$;
COMMENT ON FUNCTION fund.is_interim IS 'Whether a place is interim accommodation, which is paid for by the night.';
GRANT EXECUTE ON FUNCTION fund.is_interim TO haven_app;

-- A stay without an end is promised for as long as is of use to the household, then night by night.
CREATE FUNCTION fund.stay_paid(p placement) RETURNS daterange LANGUAGE sql STABLE AS $$
    SELECT CASE
        WHEN p.state IN ('held', 'offered', 'accepted') THEN nights_needed(p)
        WHEN p.state = 'arrived' THEN daterange(lower(p.period), greatest(upper(nights_needed(p)), today() + 1))
        WHEN p.state = 'departed' AND p.departed_on > lower(p.period) THEN daterange(lower(p.period), p.departed_on)
        ELSE 'empty' END
$$;
COMMENT ON FUNCTION fund.stay_paid IS 'The nights of an interim placement that are, or were, to be paid for.';
GRANT EXECUTE ON FUNCTION fund.stay_paid TO haven_app;

CREATE FUNCTION fund.raise_by(one fund.commitment, pence bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM fund.hold_years(ARRAY[one.pot_year_id]);
    PERFORM fund.lock_accounts(ARRAY[one.pot_year_id]);
    IF (SELECT v.spendable_pence >= pence FROM fund.year_view v WHERE v.id = one.pot_year_id) THEN
        UPDATE fund.commitment c SET promised = one.promised + pence, open = one.open + pence,
                                     version = one.version + 1
         WHERE c.id = one.id;
        PERFORM fund.post('raise', one.cause, one.cause_id,
                          (SELECT fund.day_in(y.year) FROM fund.pot_year y WHERE y.id = one.pot_year_id),
                          ARRAY[fund.moved(one.pot_year_id, 'free', 'committed', pence)], one.household_id);
    END IF;
END $$;
COMMENT ON FUNCTION fund.raise_by IS 'Promises more for a cause, where the pot has it.';

CREATE FUNCTION fund.pot_of(asker uuid, of_category fund_category, amount bigint, day date) RETURNS uuid
LANGUAGE sql STABLE AS $$
    SELECT y.id FROM fund.pot p JOIN fund.pot_year y ON y.pot_id = p.id JOIN fund.year_view v ON v.id = y.id
     WHERE p.organisation_id = ANY (partners_of(asker)) AND fund.may_spend(p, asker)
       AND of_category = ANY (p.categories) AND y.year = fund.year_of(day) AND v.spendable_pence >= amount
     ORDER BY p.organisation_id = asker DESC, v.spendable_pence DESC, p.name LIMIT 1
$$;
COMMENT ON FUNCTION fund.pot_of IS
    'The pot that pays for a case of an organisation, for any caller: one that has enough; NULL where none has.';

CREATE FUNCTION fund.commit_stay(p placement, of_year integer, pence bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    first_night date := greatest(lower(p.period), fund.first_day(of_year));
    -- one pot for all nights, where that one has a year
    chosen uuid := coalesce((SELECT y.id FROM fund.commitment c JOIN fund.pot_year was ON was.id = c.pot_year_id
                               JOIN fund.pot_year y ON y.pot_id = was.pot_id
                              WHERE c.cause_id = p.id AND y.year = of_year AND y.state IN ('open', 'provisional')
                              LIMIT 1),
                            fund.pot_of(p.requested_by, 'emergency_night', pence, first_night));
BEGIN
    PERFORM fund.hold_years(ARRAY[chosen]);
    PERFORM fund.lock_accounts(ARRAY[chosen]);
    IF (SELECT v.spendable_pence >= pence FROM fund.year_view v WHERE v.id = chosen) THEN
        PERFORM fund.commit_money('placement', p.id, p.household_id, ARRAY[chosen], ARRAY[pence], NULL);
    END IF;
END $$;
COMMENT ON FUNCTION fund.commit_stay IS
    'Promises the nights of a year of an interim placement, where a pot has it. A place is never refused for want of '
    'money in a pot: what is not covered is shown (fund.interim_view).';

CREATE FUNCTION fund.follow_stay(p placement) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    nights daterange := fund.stay_paid(p);
    one record;
BEGIN
    FOR one IN
        SELECT g.year, c AS had,
               fund.nights_cost(nights * daterange(fund.first_day(g.year), fund.first_day(g.year + 1))) AS pence
          FROM (SELECT generate_series(fund.year_of(lower(nights)), fund.year_of(upper(nights) - 1)) AS year
                UNION
                SELECT y.year FROM fund.commitment k JOIN fund.pot_year y ON y.id = k.pot_year_id
                 WHERE k.cause_id = p.id) g
          LEFT JOIN (fund.commitment c JOIN fund.pot_year cy ON cy.id = c.pot_year_id)
                 ON c.cause_id = p.id AND cy.year = g.year
         ORDER BY g.year LOOP
        PERFORM FROM fund.commitment c WHERE c.id = (one.had).id FOR NO KEY UPDATE;
        IF (one.had).id IS NULL THEN
            PERFORM fund.commit_stay(p, one.year, one.pence);
        ELSIF (one.had).promised - (one.had).released > one.pence THEN
            PERFORM fund.release_part(one.had, least((one.had).open,
                                                     (one.had).promised - (one.had).released - one.pence));
        ELSIF (one.had).promised - (one.had).released < one.pence THEN
            PERFORM fund.raise_by(one.had, one.pence - ((one.had).promised - (one.had).released));
        END IF;
    END LOOP;
END $$;
COMMENT ON FUNCTION fund.follow_stay IS
    'Makes what is promised for an interim placement that of its nights, year by year: more, less, or nothing.';

CREATE FUNCTION fund.placement_moved() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
BEGIN
    IF fund.is_interim(NEW) THEN
        PERFORM fund.follow_stay(NEW);
    END IF;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION fund.placement_moved IS 'An interim place costs the fund from the hold on.';
CREATE TRIGGER placement_costs_first AFTER INSERT ON placement FOR EACH ROW EXECUTE FUNCTION fund.placement_moved();
CREATE TRIGGER placement_costs AFTER UPDATE OF state, period, departed_on ON placement FOR EACH ROW
    WHEN ((OLD.state, OLD.period, OLD.departed_on) IS DISTINCT FROM (NEW.state, NEW.period, NEW.departed_on))
    EXECUTE FUNCTION fund.placement_moved();

CREATE FUNCTION fund.keep_stays() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    p placement;
BEGIN
    FOR p IN SELECT s.* FROM placement s JOIN unit u ON u.id = s.unit_id JOIN property t ON t.id = u.property_id
              WHERE s.state = 'arrived' AND t.type = 'interim'
                AND fund.nights_cost(fund.stay_paid(s))
                    > (SELECT coalesce(sum(c.promised - c.released), 0) FROM fund.commitment c WHERE c.cause_id = s.id)
              ORDER BY s.unit_id LIMIT 100 FOR NO KEY UPDATE OF s SKIP LOCKED LOOP
        PERFORM fund.follow_stay(p);
    END LOOP;
END $$;
COMMENT ON FUNCTION fund.keep_stays IS
    'Promises the nights of interim stays that go on longer than was promised, and those that no pot had enough for.';

-- ---- what the delay costs ----

CREATE FUNCTION fund.delay_of(p placement, night date) RETURNS fund_delay LANGUAGE sql STABLE AS $$
    SELECT CASE
        WHEN EXISTS (SELECT FROM placement o
                      WHERE o.household_id = p.household_id AND o.id <> p.id
                        AND london_day(o.offered_at) <= night
                        AND coalesce(london_day(coalesce(o.decided_at, o.expires_at)), today() + 1) > night)
             THEN 'waits_for_provider'
        WHEN NOT EXISTS (SELECT FROM (SELECT c.basis FROM consent c
                                       WHERE c.household_id = p.household_id AND c.purpose = 'share_with_providers'
                                         AND london_day(c.at) <= night
                                       ORDER BY c.at DESC LIMIT 1) n
                          WHERE n.basis NOT IN ('refused', 'withdrawn')) THEN 'waits_for_consent'
        ELSE 'waits_for_place' END
$$;
COMMENT ON FUNCTION fund.delay_of IS
    'Why a household spent a night of an interim placement: a provider had not answered, consent to share was not '
    'there, or there was no place.';

CREATE FUNCTION fund.delays(since date, until date)
RETURNS TABLE (placement_id uuid, household_id uuid, household_reference text, from_day date, until_day date,
               ended boolean, delay fund_delay, nights bigint, pence bigint, promised_pence bigint,
               uncovered_pence bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
#variable_conflict use_column
BEGIN
    IF NOT sees_fund() THEN
        RETURN;
    END IF;
    RETURN QUERY
    WITH stay AS (
        SELECT p.id, p.household_id, p AS it, fund.stay_paid(p) AS paid, m.promised
          FROM placement p JOIN unit u ON u.id = p.unit_id JOIN property t ON t.id = u.property_id
         CROSS JOIN LATERAL (SELECT coalesce(sum(c.promised - c.released), 0)::bigint AS promised,
                                    bool_or(c.organisation_id = my_organisation()) AS ours
                               FROM fund.commitment c WHERE c.cause_id = p.id) m
         WHERE t.type = 'interim' AND p.state IN ('arrived', 'departed') AND NOT p.erased
           AND daterange(since, until) && p.period
           AND (sees_cases() AND case_seen(p.household_id)
                OR (sees_books() OR approves_fund()) AND m.ours AND fund.shown(p.household_id))
    ), night AS (
        SELECT s.id, n.day::date AS day
          FROM stay s
         CROSS JOIN LATERAL generate_series(greatest(lower(s.paid), since)::timestamp,
                                            (least(upper(s.paid), until, today() + 1) - 1)::timestamp,
                                            interval '1 day') n (day)
    ), cause AS (
        SELECT n.id, fund.delay_of(s.it, n.day) AS delay, count(*) AS nights,
               sum(fund.nights_cost(daterange(n.day, n.day + 1)))::bigint AS pence
          FROM night n JOIN stay s ON s.id = n.id GROUP BY 1, 2
    )
    SELECT s.id, CASE WHEN sees_cases() THEN seen_case(s.household_id) END, case_reference(s.household_id),
           lower(s.paid), upper(s.paid), (s.it).state = 'departed', c.delay, c.nights, c.pence, s.promised,
           greatest(fund.nights_cost(s.paid) - s.promised, 0)
      FROM cause c JOIN stay s ON s.id = c.id
     ORDER BY lower(s.paid), s.id, c.delay;
END $$;
COMMENT ON FUNCTION fund.delays IS
    'Nights spent in interim accommodation of a period, by placement and by what was waited for, with their cost, and '
    'what of the placement no pot could promise.';
GRANT EXECUTE ON FUNCTION fund.delays TO haven_app;
