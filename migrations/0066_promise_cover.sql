-- What the fund covers of a household's nights, for the boards: that is what lets a household without recourse to
-- public funds go to a place that is not for it. Nobody types it.

CREATE VIEW fund.slice_nights WITH (security_invoker = true) AS
SELECT p.household_id, p.request_id,
       daterange(greatest(p.start_on, fund.first_day(y.year)),
                 greatest(least(fund.ends_on(p), fund.first_day(y.year + 1)), p.start_on,
                          fund.first_day(y.year))) AS nights,
       fund.ends_on(p) > fund.first_day(y.year + 1) AS goes_on
  FROM fund.promise p
  JOIN fund.request r ON r.id = p.request_id AND r.state IN ('approved', 'paid') AND r.category = 'nrpf_accommodation'
  JOIN fund.commitment c ON c.cause_id = r.id AND c.open + c.in_payment + c.paid > 0
  JOIN fund.pot_year y ON y.id = c.pot_year_id;
COMMENT ON VIEW fund.slice_nights IS
    'The nights of accommodation that money is promised for, year by year. A night of a year of which nothing could be '
    'promised yet is not among them. Subsistence covers no night: it pays for no place.';

CREATE VIEW fund.covered WITH (security_invoker = true) AS
SELECT g.household_id, g.nights,
       EXISTS (SELECT FROM fund.slice_nights s
                WHERE s.household_id = g.household_id AND s.goes_on AND upper(s.nights) = upper(g.nights)) AS cut_off
  FROM (SELECT s.household_id, unnest(range_agg(s.nights)) AS nights FROM fund.slice_nights s
         GROUP BY s.household_id) g;
COMMENT ON VIEW fund.covered IS
    'Unbroken nights of a household that the fund covers. cut_off: the promise goes on, but the pot of its next year '
    'is not open.';

-- The typed day goes: it said what no promise of money stood behind.
CREATE OR REPLACE VIEW board_household WITH (security_invoker = true) AS
SELECT h.id, h.version, h.reference, h.organisation_id, o.partnership_id, h.situation, h.urgency, h.band, h.risk_level,
       h.pregnant,
       h.nrpf, f.until_day AS nrpf_funded_until,
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
       (SELECT string_agg(DISTINCT v.id::text, ';')
          FROM conflicts_of(h.id) c
         CROSS JOIN LATERAL (SELECT id FROM unit WHERE property_id = c.property_id OFFSET 0) u
          JOIN vacancy v ON v.unit_id = u.id AND v.withdrawn_at IS NULL AND v.taken_at IS NULL) AS conflicts,
       h.unsafe_none_said_by, h.risk_least, h.home_works, f.from_day AS nrpf_funded_from,
       f.cut_off AS nrpf_funding_cut_off
  FROM household h JOIN organisation o ON o.id = h.organisation_id
  LEFT JOIN LATERAL (SELECT lower(c.nights) AS from_day, upper(c.nights) - 1 AS until_day, c.cut_off
                       FROM fund.covered c WHERE c.household_id = h.id AND upper(c.nights) > today()
                      ORDER BY NOT c.nights @> greatest(h.want_from, today()), lower(c.nights) LIMIT 1) f ON true
 WHERE h.closed_at IS NULL AND h.waiting_since IS NOT NULL
   AND NOT EXISTS (SELECT FROM placement p WHERE p.household_id = h.id AND p.state IN ('accepted', 'arrived'))
   AND NOT EXISTS (SELECT FROM referral r WHERE r.household_id = h.id AND r.state <> 'closed'
                      AND self_referral_only(r.source, h));

GRANT SELECT ON fund.slice_nights, fund.covered TO haven_app;

CREATE FUNCTION fund.cover_of(home uuid) RETURNS TABLE (from_day date, until_day date, cut_off boolean)
LANGUAGE sql STABLE AS $$
    SELECT lower(c.nights), upper(c.nights), c.cut_off FROM fund.covered c
     WHERE c.household_id = home AND upper(c.nights) > today() ORDER BY lower(c.nights) LIMIT 1
$$;
COMMENT ON FUNCTION fund.cover_of IS
    'The nights that the fund covers for a household, from today on: of the promises that the caller sees.';
GRANT EXECUTE ON FUNCTION fund.cover_of TO haven_app;

ALTER TABLE household DROP COLUMN nrpf_funded_until;
UPDATE guarded SET untold = array_remove(untold, 'nrpf_funded_until') WHERE of_table = 'household'::regclass;
SELECT guard_again('household', '{}');

CREATE FUNCTION fund.note_request() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM fund.note_household(NEW.household_id);
    RETURN NULL;
END $$;
COMMENT ON FUNCTION fund.note_request IS 'Tells the boards where the state of promised accommodation changes.';
CREATE TRIGGER request_noted AFTER UPDATE OF state ON fund.request FOR EACH ROW
    WHEN (NEW.category = 'nrpf_accommodation' AND OLD.state IS DISTINCT FROM NEW.state)
    EXECUTE FUNCTION fund.note_request();
