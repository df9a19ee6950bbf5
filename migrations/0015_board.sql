-- What a worker keeps in memory for searches, and the log that keeps it current.

CREATE TABLE change_log (
    seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('vacancy', 'household')),
    id uuid NOT NULL,
    xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    at timestamptz NOT NULL DEFAULT now()
) WITH (autovacuum_analyze_scale_factor = 0.02, autovacuum_vacuum_scale_factor = 0.05);
COMMENT ON TABLE change_log IS
    'Vacancies and households that changed. Readers take rows of transactions older than the oldest one still '
    'running, because seq is not the order of commits.';
COMMENT ON COLUMN change_log.seq IS 'Order of writing.';
COMMENT ON COLUMN change_log.kind IS 'What changed.';
COMMENT ON COLUMN change_log.id IS 'Which.';
COMMENT ON COLUMN change_log.xid IS 'Transaction that changed it.';
COMMENT ON COLUMN change_log.at IS 'When, for removing old rows.';
CREATE INDEX change_log_xid ON change_log (xid);
SELECT guard('change_log', 'open');

CREATE TABLE provider_answer (
    organisation_id uuid PRIMARY KEY REFERENCES organisation,
    median_minutes integer NOT NULL CHECK (median_minutes >= 0)
);
COMMENT ON TABLE provider_answer IS 'How fast a provider answered offers in the last 90 days; tidy() refreshes it.';
COMMENT ON COLUMN provider_answer.organisation_id IS 'The provider.';
COMMENT ON COLUMN provider_answer.median_minutes IS 'Median minutes from offer to answer.';
SELECT guard('provider_answer', 'open');
GRANT SELECT ON provider_answer TO haven_board;

CREATE FUNCTION barred_from(unit uuid) RETURNS TABLE (id uuid)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    RETURN QUERY
    SELECT h.id FROM household h
     WHERE h.closed_at IS NULL
       AND h.id IN (SELECT p.household_id FROM placement p WHERE p.unit_id = unit AND p.state = 'declined'
                     UNION
                    SELECT i.household_id FROM unit u JOIN property_party pp ON pp.property_id = u.property_id
                      JOIN person_index i ON i.hash = pp.hash WHERE u.id = unit);
END $$;
COMMENT ON FUNCTION barred_from IS
    'Open households that a decline or a linked person bars from the unit: their board rows name its vacancies.';

CREATE FUNCTION note_change() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    r record := CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
BEGIN
    CASE TG_TABLE_NAME
    WHEN 'household' THEN
        INSERT INTO change_log (kind, id) VALUES ('household', r.id);
    WHEN 'vacancy' THEN
        INSERT INTO change_log (kind, id) VALUES ('vacancy', r.id);
        -- a household's board row names the vacancies that it declined or must not have, with their versions
        INSERT INTO change_log (kind, id)
        SELECT 'household', b.id FROM barred_from(r.unit_id) b WHERE r.withdrawn_at IS NULL AND r.taken_at IS NULL;
    WHEN 'member', 'unsafe_place' THEN
        INSERT INTO change_log (kind, id) VALUES ('household', r.household_id);
    WHEN 'placement' THEN
        INSERT INTO change_log (kind, id)
        SELECT 'vacancy', v.id FROM vacancy v
         WHERE v.unit_id = r.unit_id AND v.withdrawn_at IS NULL AND (v.taken_at IS NULL OR v.id = r.vacancy_id)
         UNION ALL
        SELECT 'household', r.household_id;
    WHEN 'unit' THEN
        INSERT INTO change_log (kind, id)
        SELECT 'vacancy', v.id FROM vacancy v WHERE v.unit_id = r.id AND v.withdrawn_at IS NULL AND v.taken_at IS NULL
         UNION ALL
        SELECT 'household', b.id FROM barred_from(r.id) b;
    WHEN 'void_period' THEN
        INSERT INTO change_log (kind, id)
        SELECT 'vacancy', v.id FROM vacancy v
         WHERE v.unit_id = r.unit_id AND v.withdrawn_at IS NULL AND v.taken_at IS NULL;
    WHEN 'property' THEN
        INSERT INTO change_log (kind, id)
        SELECT 'vacancy', v.id FROM vacancy v JOIN unit u ON u.id = v.unit_id
         WHERE u.property_id = r.id AND v.withdrawn_at IS NULL AND v.taken_at IS NULL;
    END CASE;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION note_change IS 'Appends to change_log what the change of a row means to the boards.';

DO $$
DECLARE
    t record;
BEGIN
    FOR t IN SELECT c.oid::regclass AS of_table, c.relname FROM guarded g JOIN pg_class c ON c.oid = g.of_table
        WHERE g.board LOOP
        EXECUTE format('CREATE TRIGGER %I AFTER INSERT OR UPDATE OR DELETE ON %s FOR EACH ROW '
                       'EXECUTE FUNCTION note_change()', t.relname || '_changed', t.of_table);
    END LOOP;
END $$;

CREATE VIEW board_vacancy WITH (security_invoker = true) AS
SELECT v.id, v.version, v.unit_id, u.property_id, u.reference, u.facts, free_from(u.id, v.available_from) AS free_from,
       v.available_until, v.confirmed_at, (SELECT max(pl.expires_at) FROM placement pl
         WHERE pl.unit_id = u.id AND pl.state IN ('held', 'offered') AND pl.expires_at > now()) AS busy_until
  FROM vacancy v
  JOIN unit u ON u.id = v.unit_id
  JOIN property p ON p.id = u.property_id
 WHERE v.withdrawn_at IS NULL AND v.taken_at IS NULL AND u.closed_at IS NULL AND p.closed_at IS NULL;
COMMENT ON VIEW board_vacancy IS
    'Current vacancies with the facts of their unit, as a search needs them; board_property has the property.';
GRANT SELECT ON board_vacancy TO haven_board;

CREATE VIEW board_property WITH (security_invoker = true) AS
SELECT p.id, p.organisation_id, o.partnership_id::text, o.name AS provider, p.area_label, p.local_authority,
       p.outward_code, p.type, p.residents, p.staffing, p.shared_access, a.median_minutes AS answer_minutes
  FROM property p
  JOIN organisation o ON o.id = p.organisation_id
  LEFT JOIN provider_answer a ON a.organisation_id = o.id
 WHERE p.closed_at IS NULL;
COMMENT ON VIEW board_property IS
    'What the vacancies of a property have in common: nothing secret beyond coarse areas.';
GRANT SELECT ON board_property TO haven_board;

CREATE VIEW board_household WITH (security_invoker = true) AS
SELECT h.id, h.version, h.reference, h.organisation_id, o.partnership_id, h.situation, h.urgency, h.band, h.risk_level,
       h.pregnant,
       h.nrpf, h.nrpf_funded_until >= today() AS nrpf_funded, h.pets, h.want_from, h.want_until, h.shortest_stay_days,
       h.wishes, h.wished_areas,
       h.wished_specialisms, h.places_to_reach, h.languages, h.interpreter, h.wheelchair, h.step_free, h.ground_floor,
       h.adapted_bathroom, h.wants_to_stay, h.perpetrator_at_home, h.sole_occupation, h.consent_obtainable,
       h.overnight_carer, h.poses, h.avoids, h.tie_break,
       (extract(epoch FROM h.waiting_since) * 1000000)::bigint AS waiting_since_us,
       (SELECT string_agg(concat_ws(',', m.kind, coalesce(m.sex, '-'), m.gender_identity,
                          coalesce((m.age + extract(year FROM age(today(), m.age_on)))::integer, -1),
                          coalesce(m.couple, false)), ';'
                          ORDER BY m.kind <> 'main', m.id)
          FROM member m WHERE m.household_id = h.id AND m.ended_at IS NULL) AS members,
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
          FROM (SELECT hash FROM person_index WHERE household_id = h.id OFFSET 0) i
         CROSS JOIN LATERAL (SELECT property_id FROM property_party WHERE hash = i.hash OFFSET 0) pp
         CROSS JOIN LATERAL (SELECT id FROM unit WHERE property_id = pp.property_id OFFSET 0) u
          JOIN vacancy v ON v.unit_id = u.id AND v.withdrawn_at IS NULL AND v.taken_at IS NULL) AS conflicts
  FROM household h JOIN organisation o ON o.id = h.organisation_id
 WHERE h.closed_at IS NULL AND h.waiting_since IS NOT NULL
   AND NOT EXISTS (SELECT FROM placement p WHERE p.household_id = h.id AND p.state IN ('accepted', 'arrived'));
COMMENT ON VIEW board_household IS 'Needs of the households that wait, without identity.';

-- These are functions because functions keep their plans: planning one anew costs some milliseconds, and they
-- are called fifty times a second, mostly without a change to find.
CREATE FUNCTION board_vacancies_since(horizon xid8) RETURNS SETOF board_vacancy LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = public, pg_temp SET plan_cache_mode = force_generic_plan SET enable_seqscan = off
SET enable_hashjoin = off SET enable_mergejoin = off AS $$
BEGIN
    IF EXISTS (SELECT FROM change_log WHERE kind = 'vacancy' AND xid >= horizon) THEN
        RETURN QUERY SELECT * FROM board_vacancy
                      WHERE id = ANY (ARRAY(SELECT DISTINCT c.id FROM change_log c
                                             WHERE c.kind = 'vacancy' AND c.xid >= horizon));
    END IF;
END $$;
COMMENT ON FUNCTION board_vacancies_since IS
    'Rows of board_vacancy noted in change_log by transactions from the horizon on.';
GRANT EXECUTE ON FUNCTION board_vacancies_since TO haven_app;

CREATE FUNCTION board_properties_since(horizon xid8) RETURNS SETOF board_property
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = public, pg_temp SET plan_cache_mode = force_generic_plan SET enable_seqscan = off
SET enable_hashjoin = off SET enable_mergejoin = off AS $$
BEGIN
    IF EXISTS (SELECT FROM change_log WHERE kind = 'vacancy' AND xid >= horizon) THEN
        RETURN QUERY SELECT * FROM board_property
                      WHERE id = ANY (ARRAY(SELECT DISTINCT u.property_id FROM change_log c
                                              JOIN vacancy v ON v.id = c.id JOIN unit u ON u.id = v.unit_id
                                             WHERE c.kind = 'vacancy' AND c.xid >= horizon));
    END IF;
END $$;
COMMENT ON FUNCTION board_properties_since IS
    'Rows of board_property of the vacancies noted in change_log by transactions from the horizon on.';
GRANT EXECUTE ON FUNCTION board_properties_since TO haven_app;

CREATE FUNCTION board_households_since(horizon xid8) RETURNS SETOF board_household
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = public, pg_temp SET plan_cache_mode = force_generic_plan SET enable_seqscan = off
SET enable_hashjoin = off SET enable_mergejoin = off AS $$
BEGIN
    IF EXISTS (SELECT FROM change_log WHERE kind = 'household' AND xid >= horizon) THEN
        RETURN QUERY SELECT * FROM board_household
                      WHERE id = ANY (ARRAY(SELECT DISTINCT c.id FROM change_log c
                                             WHERE c.kind = 'household' AND c.xid >= horizon));
    END IF;
END $$;
COMMENT ON FUNCTION board_households_since IS
    'Rows of board_household noted in change_log by transactions from the horizon on.';
GRANT EXECUTE ON FUNCTION board_households_since TO haven_app;

-- Runs as the owner because it compares keyed hashes, which no worker's role reads.
CREATE FUNCTION board_households_waiting() RETURNS SETOF board_household
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 10000
SET search_path = public, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT * FROM board_household;
END $$;
COMMENT ON FUNCTION board_households_waiting IS 'All rows of board_household, for a board that starts.';
GRANT EXECUTE ON FUNCTION board_households_waiting TO haven_board;

-- A case as a search will read it once it is stored, with conflicts that the caller may not see.
CREATE FUNCTION waiting_case(household uuid) RETURNS SETOF board_household
LANGUAGE plpgsql STABLE ROWS 1 SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
BEGIN
    IF case_seen(household) THEN
        RETURN QUERY SELECT * FROM board_household b WHERE b.id = household;
    END IF;
END $$;
COMMENT ON FUNCTION waiting_case IS 'The row of board_household of a case that the caller sees.';
GRANT EXECUTE ON FUNCTION waiting_case TO haven_app;

CREATE FUNCTION tidy() RETURNS integer LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
DECLARE
    n integer;
BEGIN
    IF NOT pg_try_advisory_xact_lock(hashtext('haven tidy')) THEN
        RETURN 0;
    END IF;
    PERFORM audit.disown();
    UPDATE placement SET state = 'expired', version = version + 1
     WHERE id IN (SELECT id FROM placement WHERE state IN ('held', 'offered') AND expires_at <= now()
                   ORDER BY unit_id LIMIT 500 FOR UPDATE SKIP LOCKED);
    GET DIAGNOSTICS n = ROW_COUNT;
    DELETE FROM change_log WHERE at < now() - interval '10 minutes';
    DELETE FROM idempotency WHERE created_at < now() - interval '7 days';
    DELETE FROM sign_in_failure WHERE failed_at < now() - interval '1 day';
    DELETE FROM session WHERE expires_at < now() - interval '7 days';
    INSERT INTO provider_answer (organisation_id, median_minutes)
    SELECT organisation_id,
           percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM decided_at - offered_at) / 60)::integer
      FROM placement WHERE decided_at > now() - interval '90 days' AND offered_at IS NOT NULL GROUP BY organisation_id
    ON CONFLICT (organisation_id) DO UPDATE SET median_minutes = excluded.median_minutes
     WHERE provider_answer.median_minutes <> excluded.median_minutes;
    RETURN n;
END $$;
COMMENT ON FUNCTION tidy IS 'Housekeeping, by one worker at a time. Nothing is wrong while it is late.';
GRANT EXECUTE ON FUNCTION tidy TO haven_app;
