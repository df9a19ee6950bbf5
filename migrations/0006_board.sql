-- What a worker keeps in memory for a search, and the log that keeps it true.

-- A unit's facts as a search reads them, packed when the unit is written: to load a hundred thousand
-- units means to read one short column, not two dozen. Seventeen letters, the first of a code, t or f,
-- '-' where not known; then numbers. src/board/supply_row.c reads them by position.
CREATE FUNCTION code_bits(codes text[], list text[]) RETURNS bigint LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    bits bigint := 0;
    code text;
BEGIN
    FOREACH code IN ARRAY codes LOOP
        bits := bits | coalesce(1::bigint << array_position(list, code) - 1, 0);
    END LOOP;
    RETURN bits;
END $$;
COMMENT ON FUNCTION code_bits IS 'Bit n - 1 for the n-th code of the list; codes that it does not have count for nothing.';

ALTER TABLE unit ADD COLUMN facts text NOT NULL GENERATED ALWAYS AS (
    coalesce(left(self_contained::text, 1), '-') || coalesce(left((floor <= 0)::text, 1), '-')
    || coalesce(left(step_free::text, 1), '-') || coalesce(left(adapted_bathroom::text, 1), '-')
    || coalesce(left(wheelchair, 1), '-') || coalesce(left(pets, 1), '-') || coalesce(left(adult_children, 1), '-')
    || coalesce(left(mental_health, 1), '-') || coalesce(left(drugs, 1), '-') || coalesce(left(alcohol, 1), '-')
    || coalesce(left(offending, 1), '-') || coalesce(left(arson, 1), '-') || coalesce(left(violence, 1), '-')
    || coalesce(left(sexual_offending, 1), '-') || coalesce(left(nrpf, 1), '-') || coalesce(left(highest_risk, 1), '-')
    || left((mix_reviewed_at IS NOT NULL)::text, 1)
    || ' ' || coalesce(bedrooms::text, '-') || ' ' || coalesce(max_people::text, '-') || ' ' || coalesce(cots::text, '-')
    || ' ' || coalesce(min_age::text, '-') || ' ' || coalesce(oldest_boy::text, '-') || ' ' || coalesce(weekly_cost_pence::text, '-')
    || ' ' || coalesce(longest_stay_days::text, '-')
    || ' ' || code_bits(specialisms, ARRAY['by_and_for_black_minoritised', 'by_and_for_south_asian', 'by_and_for_african_caribbean',
        'by_and_for_latin_american', 'by_and_for_middle_eastern', 'by_and_for_jewish', 'by_and_for_muslim',
        'by_and_for_gypsy_roma_traveller', 'by_and_for_forced_marriage_hba', 'by_and_for_migrant', 'lgbt', 'male',
        'disabled', 'deaf', 'learning_disability', 'older', 'young', 'complex_needs'])
    || ' ' || code_bits(languages, ARRAY['en', 'am', 'ar', 'bn', 'cs', 'es', 'fa', 'fr', 'gu', 'hi', 'hu', 'ku', 'lt', 'pa', 'pl', 'ps', 'pt',
        'ro', 'ru', 'sk', 'so', 'sq', 'ti', 'tr', 'uk', 'ur', 'vi', 'zh', 'bfi'])
    || ' ' || code_bits(mix_poses, ARRAY['drug_use', 'alcohol_use', 'aggression', 'child_risk', 'arson', 'exploitation', 'gang',
        'community_link', 'adult_male'])
    || ' ' || code_bits(mix_avoids, ARRAY['drug_use', 'alcohol_use', 'aggression', 'child_risk', 'arson', 'exploitation', 'gang',
        'community_link', 'adult_male'])) STORED;
COMMENT ON COLUMN unit.facts IS 'What a search reads of the other columns, packed: self_contained, ground floor, step_free, adapted_bathroom, wheelchair, pets, adult_children, the seven needs, nrpf, highest_risk, mix known; bedrooms, max_people, cots, min_age, oldest_boy, weekly_cost_pence, longest_stay_days, bits of specialisms, languages, mix_poses and mix_avoids.';

CREATE TABLE change_log (
    seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('vacancy', 'household')),
    id uuid NOT NULL,
    xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE change_log IS 'Vacancies and households that changed. Readers take rows whose transaction is below the oldest running one, since the order of seq is not that of commits.';
COMMENT ON COLUMN change_log.seq IS 'Order of writing.';
COMMENT ON COLUMN change_log.kind IS 'What changed.';
COMMENT ON COLUMN change_log.id IS 'Which.';
COMMENT ON COLUMN change_log.xid IS 'Transaction that changed it.';
COMMENT ON COLUMN change_log.at IS 'When, for pruning.';
CREATE INDEX change_log_xid ON change_log (xid);

CREATE TABLE provider_answer (
    organisation_id uuid PRIMARY KEY REFERENCES organisation,
    median_minutes integer NOT NULL CHECK (median_minutes >= 0)
);
COMMENT ON TABLE provider_answer IS 'How fast a provider answered offers in the last 90 days; refreshed by tidy().';
COMMENT ON COLUMN provider_answer.organisation_id IS 'The provider.';
COMMENT ON COLUMN provider_answer.median_minutes IS 'Median minutes from offer to answer.';

CREATE FUNCTION barred_from(unit uuid) RETURNS TABLE (id uuid) LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    RETURN QUERY
    SELECT h.id FROM household h
     WHERE h.closed_at IS NULL
       AND h.id IN (SELECT p.household_id FROM placement p WHERE p.unit_id = unit AND p.state = 'declined'
                     UNION
                    SELECT i.household_id FROM unit u JOIN property_party pp ON pp.property_id = u.property_id
                      JOIN person_index i ON i.hash = pp.hash WHERE u.id = unit);
END $$;
COMMENT ON FUNCTION barred_from IS 'Open households that a decline or a linked person bars from the unit: their rows name its vacancies.';

CREATE FUNCTION note_change() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    r record := CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
BEGIN
    CASE TG_TABLE_NAME
    WHEN 'household' THEN
        INSERT INTO change_log (kind, id) VALUES ('household', r.id);
    WHEN 'vacancy' THEN
        INSERT INTO change_log (kind, id) VALUES ('vacancy', r.id);
        -- a household's row names the vacancies that it declined or must not have, by their versions
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
        SELECT 'vacancy', v.id FROM vacancy v WHERE v.unit_id = r.unit_id AND v.withdrawn_at IS NULL AND v.taken_at IS NULL;
    WHEN 'property' THEN
        INSERT INTO change_log (kind, id)
        SELECT 'vacancy', v.id FROM vacancy v JOIN unit u ON u.id = v.unit_id
         WHERE u.property_id = r.id AND v.withdrawn_at IS NULL AND v.taken_at IS NULL;
    END CASE;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION note_change IS 'Appends to change_log what a row''s change means to the boards.';

DO $$
DECLARE
    t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['vacancy', 'household', 'member', 'unsafe_place', 'placement', 'unit', 'void_period', 'property'] LOOP
        EXECUTE format('CREATE TRIGGER %1$s_changed AFTER INSERT OR UPDATE OR DELETE ON %1$I FOR EACH ROW EXECUTE FUNCTION note_change()', t);
    END LOOP;
    FOREACH t IN ARRAY ARRAY['organisation', 'property', 'vacancy', 'void_period', 'placement', 'unmet_need'] LOOP
        EXECUTE format('CREATE TRIGGER %1$s_audit AFTER INSERT OR UPDATE OR DELETE ON %1$I FOR EACH ROW EXECUTE FUNCTION audit.record()', t);
    END LOOP;
END $$;
-- What an erasure destroys or coarsens (migration 0013) never comes into the trail, which can not be
-- edited: there it is only said that the row changed.
CREATE TRIGGER household_audit AFTER INSERT OR UPDATE OR DELETE ON household
    FOR EACH ROW EXECUTE FUNCTION audit.record('reference', 'band_reason', 'risk_raised_reason', 'dash', 'due_on', 'nrpf_funded_until',
        'want_from', 'want_until', 'shortest_stay_days', 'wishes', 'wished_areas', 'wished_specialisms', 'places_to_reach', 'languages',
        'interpreter', 'support_needs', 'wants_to_stay', 'perpetrator_at_home', 'sole_occupation', 'consent_obtainable',
        'counter_allegation', 'primary_victim', 'primary_victim_on', 'primary_victim_reason', 'immigration_status',
        'immigration_evidence', 'immigration_expires_on', 'income_source', 'weekly_income_pence', 'risk_review_on', 'poses', 'avoids',
        'overnight_carer');
CREATE TRIGGER member_audit AFTER INSERT OR UPDATE OR DELETE ON member
    FOR EACH ROW EXECUTE FUNCTION audit.record('age', 'age_on', 'relationship', 'couple');
CREATE TRIGGER unsafe_place_audit AFTER INSERT OR UPDATE OR DELETE ON unsafe_place
    FOR EACH ROW EXECUTE FUNCTION audit.record('outward_code', 'sector', 'cell_east', 'cell_north', 'radius_cells', 'checked_on');
CREATE TRIGGER referral_audit AFTER INSERT OR UPDATE OR DELETE ON referral
    FOR EACH ROW EXECUTE FUNCTION audit.record('plan_measures', 'plan_review_on');
CREATE TRIGGER marac_audit AFTER INSERT OR UPDATE OR DELETE ON marac
    FOR EACH ROW EXECUTE FUNCTION audit.record('referred_on', 'heard_on');
CREATE TRIGGER consent_audit AFTER INSERT OR UPDATE OR DELETE ON consent
    FOR EACH ROW EXECUTE FUNCTION audit.record('reason');
-- That they changed, not what they are: the trail is read by people who may not know.
CREATE TRIGGER member_characteristic_audit AFTER INSERT OR UPDATE OR DELETE ON member_characteristic
    FOR EACH ROW EXECUTE FUNCTION audit.record('ethnic_group', 'religion', 'sexual_orientation', 'gender_registered', 'disability',
                                               'partnership_status');
CREATE TRIGGER unit_audit AFTER INSERT OR UPDATE OR DELETE ON unit
    FOR EACH ROW EXECUTE FUNCTION audit.record('facts');
CREATE TRIGGER account_audit AFTER INSERT OR UPDATE OR DELETE ON account
    FOR EACH ROW EXECUTE FUNCTION audit.record('password_hash');
CREATE TRIGGER session_audit AFTER INSERT OR DELETE ON session
    FOR EACH ROW EXECUTE FUNCTION audit.record('token_hash');
CREATE TRIGGER session_revoked AFTER UPDATE ON session
    FOR EACH ROW WHEN (OLD.revoked_at IS DISTINCT FROM NEW.revoked_at) EXECUTE FUNCTION audit.record('token_hash');

-- Tables that grow by the hour are looked at again when they have grown a little, not by a tenth.
DO $$
DECLARE
    t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['session', 'idempotency', 'vacancy', 'household', 'member', 'referral', 'placement', 'change_log'] LOOP
        EXECUTE format('ALTER TABLE %I SET (autovacuum_analyze_scale_factor = 0.02, autovacuum_vacuum_scale_factor = 0.05)', t);
    END LOOP;
END $$;

CREATE FUNCTION account_moved() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    UPDATE session SET revoked_at = now() WHERE account_id = NEW.id AND revoked_at IS NULL;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION account_moved IS 'A changed role or organisation takes effect at once: the person signs in again.';
CREATE TRIGGER account_moved AFTER UPDATE OF role, organisation_id ON account FOR EACH ROW
    WHEN (OLD.role IS DISTINCT FROM NEW.role OR OLD.organisation_id IS DISTINCT FROM NEW.organisation_id)
    EXECUTE FUNCTION account_moved();

CREATE VIEW board_vacancy WITH (security_invoker = true) AS
SELECT v.id, v.version, v.unit_id, u.property_id, u.reference, u.facts, free_from(u.id, v.available_from) AS free_from,
       v.available_until, v.confirmed_at,
       (SELECT max(pl.expires_at) FROM placement pl
         WHERE pl.unit_id = u.id AND pl.state IN ('held', 'offered') AND pl.expires_at > now()) AS busy_until
  FROM vacancy v
  JOIN unit u ON u.id = v.unit_id
  JOIN property p ON p.id = u.property_id
 WHERE v.withdrawn_at IS NULL AND v.taken_at IS NULL AND u.closed_at IS NULL AND p.closed_at IS NULL;
COMMENT ON VIEW board_vacancy IS 'Current vacancies with their unit as a search needs it; the property is in board_property.';

CREATE VIEW board_property WITH (security_invoker = true) AS
SELECT p.id, p.organisation_id, o.partnership_id::text, o.name AS provider, p.area_label, p.local_authority, p.outward_code,
       p.type, p.residents, p.staffing, p.shared_access, a.median_minutes AS answer_minutes
  FROM property p
  JOIN organisation o ON o.id = p.organisation_id
  LEFT JOIN provider_answer a ON a.organisation_id = o.id
 WHERE p.closed_at IS NULL;
COMMENT ON VIEW board_property IS 'What the vacancies of a property share; nothing secret beyond coarse areas.';

CREATE VIEW board_household WITH (security_invoker = true) AS
SELECT h.id, h.version, h.reference, h.organisation_id, o.partnership_id, h.situation, h.urgency, h.band, h.risk_level, h.pregnant,
       h.nrpf, h.nrpf_funded_until >= today() AS nrpf_funded, h.pets, h.want_from, h.want_until, h.shortest_stay_days, h.wishes, h.wished_areas,
       h.wished_specialisms, h.places_to_reach, h.languages, h.interpreter, h.wheelchair, h.step_free, h.ground_floor,
       h.adapted_bathroom, h.wants_to_stay, h.perpetrator_at_home, h.sole_occupation, h.consent_obtainable,
       h.overnight_carer, h.poses, h.avoids, h.tie_break,
       (extract(epoch FROM h.waiting_since) * 1000000)::bigint AS waiting_since_us,
       (SELECT string_agg(concat_ws(',', m.kind, coalesce(m.sex, '-'), m.gender_identity,
                          coalesce((m.age + extract(year FROM age(today(), m.age_on)))::integer, -1), coalesce(m.couple, false)), ';'
                          ORDER BY m.kind <> 'main', m.id)
          FROM member m WHERE m.household_id = h.id AND m.ended_at IS NULL) AS members,
       (SELECT string_agg(concat_ws(',', coalesce(s.outward_code, '-'), coalesce(s.sector, '-'), s.cell_east, s.cell_north, s.radius_cells), ';')
          FROM unsafe_place s WHERE s.household_id = h.id AND s.ended_at IS NULL) AS unsafe_places,
       CASE WHEN h.support_needs IS NOT NULL THEN (SELECT coalesce(string_agg(n ->> 'need', ';'), '') FROM jsonb_array_elements(h.support_needs) n) END AS needs,
       (SELECT string_agg(DISTINCT v.id || ',' || v.version, ';')
          FROM placement d JOIN unit u ON u.id = d.unit_id AND u.version = d.unit_version
          JOIN vacancy v ON v.unit_id = u.id AND v.withdrawn_at IS NULL AND v.taken_at IS NULL
         WHERE d.household_id = h.id AND d.state = 'declined' AND d.household_version = h.version) AS declined,
       -- step by step from the household's few persons: in another order each household costs all units
       (SELECT string_agg(DISTINCT v.id::text, ';')
          FROM (SELECT hash FROM person_index WHERE household_id = h.id OFFSET 0) i
         CROSS JOIN LATERAL (SELECT property_id FROM property_party WHERE hash = i.hash OFFSET 0) pp
         CROSS JOIN LATERAL (SELECT id FROM unit WHERE property_id = pp.property_id OFFSET 0) u
          JOIN vacancy v ON v.unit_id = u.id AND v.withdrawn_at IS NULL AND v.taken_at IS NULL) AS conflicts
  FROM household h JOIN organisation o ON o.id = h.organisation_id
 WHERE h.closed_at IS NULL AND h.waiting_since IS NOT NULL
   AND NOT EXISTS (SELECT FROM placement p WHERE p.household_id = h.id AND p.state IN ('accepted', 'arrived'));
COMMENT ON VIEW board_household IS 'Needs of the households that wait, without identity.';

-- What changed, by functions because those keep their plans: planned anew, each of the two costs some
-- milliseconds, and it is asked fifty times a second, mostly in vain.
CREATE FUNCTION board_vacancies_since(horizon xid8) RETURNS SETOF board_vacancy LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = public, pg_temp SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
BEGIN
    IF EXISTS (SELECT FROM change_log WHERE kind = 'vacancy' AND xid >= horizon) THEN
        RETURN QUERY SELECT * FROM board_vacancy
                      WHERE id = ANY (ARRAY(SELECT DISTINCT c.id FROM change_log c WHERE c.kind = 'vacancy' AND c.xid >= horizon));
    END IF;
END $$;
COMMENT ON FUNCTION board_vacancies_since IS 'Rows of board_vacancy noted in change_log by transactions from the horizon on.';

CREATE FUNCTION board_properties_since(horizon xid8) RETURNS SETOF board_property LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = public, pg_temp SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
BEGIN
    IF EXISTS (SELECT FROM change_log WHERE kind = 'vacancy' AND xid >= horizon) THEN
        RETURN QUERY SELECT * FROM board_property
                      WHERE id = ANY (ARRAY(SELECT DISTINCT u.property_id FROM change_log c JOIN vacancy v ON v.id = c.id JOIN unit u ON u.id = v.unit_id
                                             WHERE c.kind = 'vacancy' AND c.xid >= horizon));
    END IF;
END $$;
COMMENT ON FUNCTION board_properties_since IS 'Rows of board_property of the vacancies noted in change_log by transactions from the horizon on.';

CREATE FUNCTION board_households_since(horizon xid8) RETURNS SETOF board_household LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = public, pg_temp SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
BEGIN
    IF EXISTS (SELECT FROM change_log WHERE kind = 'household' AND xid >= horizon) THEN
        RETURN QUERY SELECT * FROM board_household
                      WHERE id = ANY (ARRAY(SELECT DISTINCT c.id FROM change_log c WHERE c.kind = 'household' AND c.xid >= horizon));
    END IF;
END $$;
COMMENT ON FUNCTION board_households_since IS 'Rows of board_household noted in change_log by transactions from the horizon on.';

-- The owner's, for the keyed hashes that conflicts are found by: no worker's role reads them.
CREATE FUNCTION board_households_waiting() RETURNS SETOF board_household LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 10000
SET search_path = public, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT * FROM board_household;
END $$;
COMMENT ON FUNCTION board_households_waiting IS 'All rows of board_household, for a board that starts.';

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
    SELECT organisation_id, percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM decided_at - offered_at) / 60)::integer
      FROM placement WHERE decided_at > now() - interval '90 days' AND offered_at IS NOT NULL GROUP BY organisation_id
    ON CONFLICT (organisation_id) DO UPDATE SET median_minutes = excluded.median_minutes
     WHERE provider_answer.median_minutes <> excluded.median_minutes;
    RETURN n;
END $$;
COMMENT ON FUNCTION tidy IS 'Housekeeping by one worker at a time; nothing is wrong when it is late.';
