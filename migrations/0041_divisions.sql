-- A search is a location oracle. Who draws areas of invented households learns where places are; who searches for
-- five callers of one night does not. What tells them apart is what they could know by it, so that is computed: the
-- districts that the searches of a day tell from each other.

CREATE TABLE search_division (
    account_id uuid NOT NULL REFERENCES account,
    places text NOT NULL,
    districts text[] NOT NULL,
    at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (account_id, places)
);
COMMENT ON TABLE search_division IS
    'How the searches of a person''s last day divided the map: the districts that each of them ruled out. A search '
    'with the same areas divides nothing further.';
COMMENT ON COLUMN search_division.account_id IS 'The person.';
COMMENT ON COLUMN search_division.places IS 'Hash of the unsafe areas.';
COMMENT ON COLUMN search_division.districts IS 'The districts in which a place was ruled out.';
COMMENT ON COLUMN search_division.at IS 'When the person last searched with these areas.';
SELECT guard('search_division', 'owner');

CREATE FUNCTION districts_told(person uuid, OUT searches integer, OUT told integer) LANGUAGE sql STABLE AS $$
    WITH divided AS (
        SELECT row_number() OVER (ORDER BY s.places) AS n, s.districts
          FROM search_division s WHERE s.account_id = person AND s.at > now() - interval '24 hours'
    ), seen AS (
        SELECT u.district, array_agg(d.n ORDER BY d.n) AS ruled_out_by
          FROM divided d, unnest(d.districts) u (district) GROUP BY u.district
    ), alike AS (
        SELECT count(*) AS districts, coalesce(sum(pi() * d.reach_km ^ 2), 0) AS km2
          FROM seen s LEFT JOIN district d ON d.code = s.district GROUP BY s.ruled_out_by
    )
    SELECT (SELECT count(DISTINCT d.districts) FROM divided d)::integer,
           coalesce(sum(a.districts), 0)::integer FROM alike a WHERE a.districts = 1 OR a.km2 < 8
$$;
COMMENT ON FUNCTION districts_told IS
    'What a person could know by the searches of a day with different areas: in how many districts a place would be '
    'told from those of every other district, or to less than 8 square kilometres.';

-- A place in any of twelve districts could be told, or in more of them than twice as many searches for real
-- households tell: five callers of a night, anywhere on the Tees, tell 4 districts in the median and 8 at the 95th
-- percentile; five areas chosen to divide the map tell 12. And nobody meets twenty callers in a day whose areas all
-- differ: who follows one place by halves does, or goes on to the next one.
CREATE FUNCTION divides_the_map(person uuid) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT d.searches >= 20 OR d.told >= greatest(12, 2 * d.searches + 2) FROM districts_told(person) d
$$;
COMMENT ON FUNCTION divides_the_map IS 'Whether a person''s searches of a day look made to find out where places are.';

CREATE FUNCTION chose_areas(person uuid, home uuid) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT home = '00000000-0000-0000-0000-000000000000'
           OR EXISTS (SELECT FROM household h WHERE h.id = home AND h.owner_id = person)
           OR EXISTS (SELECT FROM edit_count e
                       WHERE e.account_id = person AND e.household_id = home AND e.kind = 'area_probing')
$$;
COMMENT ON FUNCTION chose_areas IS
    'Whether a person entered the areas of a search: who looks at the cases of colleagues divides nothing by choice.';

-- In the order of all groups, so that two that have the same people wait for each other without a deadlock. Once
-- there is an alert, nothing more is learned from the searches of the next day.
CREATE FUNCTION watch_divisions(callers uuid[], buckets uuid[], places text[], divides text[], INOUT alerts text[])
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
#variable_conflict use_column
DECLARE
    everything CONSTANT uuid := 'ffffffff-ffff-ffff-ffff-ffffffffffff';
    one record;
BEGIN
    FOR one IN
        SELECT p.caller, p.about, min(p.districts) AS districts, max(p.n) AS n
          FROM unnest(callers, buckets, places, divides) WITH ORDINALITY p (caller, kept_in, about, districts, n)
         WHERE p.caller IS NOT NULL AND p.kept_in IS NOT NULL AND p.districts IS NOT NULL
           AND chose_areas(p.caller, p.kept_in)
         GROUP BY p.caller, p.about ORDER BY p.caller, p.about
    LOOP
        CONTINUE WHEN EXISTS (SELECT FROM search_count k
                               WHERE k.account_id = one.caller AND k.bucket = everything
                                 AND k.told_at > now() - interval '24 hours');
        INSERT INTO search_division AS s (account_id, places, districts)
        VALUES (one.caller, one.about, string_to_array(one.districts, ' '))
        ON CONFLICT (account_id, places) DO UPDATE SET at = now(), districts = excluded.districts
         WHERE s.at < now() - interval '1 hour';
        CONTINUE WHEN NOT FOUND;
        DELETE FROM search_division s WHERE s.account_id = one.caller AND s.at < now() - interval '24 hours';
        CONTINUE WHEN NOT divides_the_map(one.caller);
        PERFORM raise_alert('area_probing', one.caller, NULL, NULL);
        UPDATE search_count k SET told_at = now() WHERE k.account_id = one.caller AND k.bucket = everything;
        alerts[one.n] := 'area_probing';
    END LOOP;
END $$;
COMMENT ON FUNCTION watch_divisions IS
    'Keeps how searches divide the map, and alerts the information officer, once a day, when a person''s searches '
    'look made to find places. The arrays are those of count_searches; divides: districts, each after a blank.';

-- Searches without a case are of different callers: that their areas differ says nothing by itself.
CREATE OR REPLACE FUNCTION changes_places(c search_count) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT c.changed_at[4] IS NOT NULL AND c.changed_at[1] > now() - interval '24 hours'
           AND c.bucket <> '00000000-0000-0000-0000-000000000000'
           AND coalesce(c.told_at < now() - interval '24 hours', true)
$$;
COMMENT ON FUNCTION changes_places IS
    'Whether the places of a case changed four times within a day, and no alert was noted here in that time.';

ALTER TYPE audit.told ADD ATTRIBUTE divides text[];
COMMENT ON TYPE audit.told IS
    'Events of several items, as arrays side by side: the item''s number, the caller (NULL: nothing is recorded) with '
    'organisation and request, the event, the household that must not be hidden, the bucket in which it is counted, '
    'the places of a search and the districts that they rule out. Of all: the budget, and whether a search among them '
    'found nothing.';

CREATE OR REPLACE FUNCTION audit.told_of(items jsonb) RETURNS audit.told LANGUAGE plpgsql AS $$
DECLARE
    t audit.told;
BEGIN
    SELECT array_agg(i.ord), array_agg(s.account_id), array_agg(s.organisation_id), array_agg(i.item ->> 'request'),
           array_agg(e.value), array_agg(CASE WHEN s.account_id IS NOT NULL AND e.value ->> 'kind' <> 'audit_event'
                               AND e.value ->> 'action' <> 'person_search'
                          THEN (e.value ->> 'household')::uuid END),
           array_agg(CASE WHEN NOT i.item ? 'budget' OR e.value ->> 'action' <> 'search' THEN NULL
                          WHEN e.value ->> 'kind' = 'vacancy' THEN 'cccccccc-cccc-cccc-cccc-cccccccccccc'
                          WHEN e.value -> 'detail' ? 'places'
                          THEN coalesce((e.value #>> '{detail,case}')::uuid,
                                        '00000000-0000-0000-0000-000000000000') END),
           array_agg(e.value #>> '{detail,places}'), max((i.item ->> 'budget')::integer),
           bool_or(e.value #>> '{detail,matching}' = '0'), array_agg(e.value #>> '{detail,divides}')
      INTO t
      FROM jsonb_array_elements(items) WITH ORDINALITY i (item, ord)
     CROSS JOIN jsonb_array_elements(i.item -> 'events') e
      LEFT JOIN LATERAL (SELECT o.account_id, o.organisation_id FROM open_session o
                          WHERE o.token_hash = sha256(decode(i.item ->> 'token', 'hex')) LIMIT 1) s ON true;
    RETURN t;
END $$;

-- What was ruled out says where the household is not safe: the trail does not keep it.
CREATE OR REPLACE FUNCTION audit.write_told(t audit.told) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    -- any other action is an error: triggers record changes, and functions record their own reads
    INSERT INTO audit.event (account_id, organisation_id, request_id, action, subject_kind, subject_id, household_id,
                             detail)
    SELECT p.caller, p.employer, p.request,
           CASE WHEN p.e ->> 'action' IN ('read', 'search', 'person_search') THEN p.e ->> 'action' END,
           p.e ->> 'kind', (p.e ->> 'id')::uuid, (p.e ->> 'household')::uuid, (p.e -> 'detail') - 'divides'
      FROM unnest(t.caller, t.employer, t.request, t.event) p (caller, employer, request, e)
     WHERE p.caller IS NOT NULL;
    IF t.unmet THEN
        INSERT INTO unmet_need (household_id, organisation_id, reasons, policy_version, inputs_hash)
        SELECT (p.e ->> 'household')::uuid, p.employer, p.e #> '{detail,not_fitting}',
               p.e #>> '{detail,policy_version}', p.e #>> '{detail,inputs_hash}'
          FROM unnest(t.caller, t.employer, t.event) p (caller, employer, e)
         WHERE p.caller IS NOT NULL AND p.e ->> 'action' = 'search' AND p.e ->> 'household' IS NOT NULL
           AND p.e #>> '{detail,matching}' = '0'
         ORDER BY 1, 5
        ON CONFLICT DO NOTHING;
    END IF;
END $$;

CREATE OR REPLACE FUNCTION audit.record_many(items jsonb)
RETURNS TABLE (ord bigint, signed_in boolean, hidden boolean, over boolean, alert text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_hashjoin = off
SET enable_mergejoin = off AS $$
#variable_conflict use_column
DECLARE
    t audit.told;
    gone bigint[] := '{}';
    counted record;
    beyond boolean[];
    alerts text[];
BEGIN
    PERFORM audit.disown();
    t := audit.told_of(items);
    IF array_remove(t.household, NULL) <> '{}' THEN
        gone := ARRAY(SELECT p.ord FROM unnest(t.item, cases_hidden(t.household, t.caller)) p (ord, flag) WHERE p.flag);
    END IF;
    IF gone <> '{}' THEN
        t.caller := ARRAY(SELECT CASE WHEN p.ord <> ALL (gone) THEN p.caller END
                            FROM unnest(t.item, t.caller) WITH ORDINALITY p (ord, caller, n) ORDER BY p.n);
    END IF;
    PERFORM audit.write_told(t);
    IF array_remove(t.bucket, NULL) <> '{}' THEN
        counted := count_searches(t.caller, t.bucket, t.places, t.budget);
        beyond := counted.over;
        alerts := counted.alert;
        IF array_remove(t.divides, NULL) <> '{}' THEN
            alerts := watch_divisions(t.caller, t.bucket, t.places, t.divides,
                                      coalesce(alerts, array_fill(NULL::text, ARRAY[cardinality(t.caller)])));
        END IF;
    END IF;
    RETURN QUERY
    SELECT p.ord, bool_or(p.caller IS NOT NULL OR p.ord = ANY (gone)), p.ord = ANY (gone),
           coalesce(bool_or(p.over), false), min(p.alert)
      FROM unnest(t.item, t.caller, beyond, alerts) p (ord, caller, over, alert) GROUP BY p.ord;
END $$;
