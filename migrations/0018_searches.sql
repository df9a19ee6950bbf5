-- Searches and reads, counted against budgets and recorded. Workers cannot write the trail, unmet need or a
-- search count themselves. The caller is the person of an item's session, whatever else the item says.

-- ---- budgets of vacancy searches ----

CREATE TABLE search_count (
    account_id uuid NOT NULL REFERENCES account,
    bucket uuid NOT NULL,
    day date NOT NULL,
    searches integer NOT NULL,
    places text,
    changed_at timestamptz[] NOT NULL DEFAULT '{}',
    told_at timestamptz,
    PRIMARY KEY (account_id, bucket)
) WITH (fillfactor = 50);
COMMENT ON TABLE search_count IS
    'Vacancy searches of a person by case, and looks at the candidates of vacancies, for the budget and for noticing '
    'probing.';
COMMENT ON COLUMN search_count.account_id IS 'The person.';
COMMENT ON COLUMN search_count.bucket IS
    'The household; all zeros: needs given inline; all c: candidates of vacancies, which tell about every case at '
    'once; all f: everything together.';
COMMENT ON COLUMN search_count.day IS 'The day that searches is about.';
COMMENT ON COLUMN search_count.searches IS 'Number of searches on that day.';
COMMENT ON COLUMN search_count.places IS 'Hash of the unsafe areas and places to reach of the last search.';
COMMENT ON COLUMN search_count.changed_at IS
    'When these differed from those of the previous search: the last four times.';
COMMENT ON COLUMN search_count.told_at IS 'When the information officer was last alerted to changing places here.';
SELECT guard('search_count', 'owner');

CREATE FUNCTION last_four(times timestamptz[]) RETURNS timestamptz[] LANGUAGE sql IMMUTABLE AS $$
    SELECT times[greatest(1, cardinality(times) - 3):]
$$;
COMMENT ON FUNCTION last_four IS 'The newest four of times in their order.';

CREATE FUNCTION changes_places(c search_count) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT c.changed_at[4] IS NOT NULL AND c.changed_at[1] > now() - interval '24 hours'
           AND coalesce(c.told_at < now() - interval '24 hours', true)
$$;
COMMENT ON FUNCTION changes_places IS
    'Whether the places changed four times within a day, and no alert was noted here in that time.';

CREATE FUNCTION probes(c search_count, home uuid) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    told timestamptz;
BEGIN
    IF NOT changes_places(c) THEN
        RETURN false;
    END IF;
    SELECT max(a.raised_at) INTO told FROM alert a
     WHERE a.account_id = c.account_id AND a.kind = 'area_probing' AND a.household_id IS NOT DISTINCT FROM home
       AND a.raised_at > now() - interval '24 hours';
    UPDATE search_count k SET told_at = coalesce(told, now())
     WHERE k.account_id = c.account_id AND k.bucket = c.bucket;
    RETURN told IS NULL;
END $$;
COMMENT ON FUNCTION probes IS
    'Whether the information officer is to be alerted to changing places, and notes it; not where there is an alert '
    'of the last day already.';

CREATE FUNCTION judge_searches(c search_count, mine integer[], budget integer, INOUT over boolean[], INOUT alert text[])
LANGUAGE plpgsql AS $$
DECLARE
    of_all CONSTANT boolean := c.bucket = 'ffffffff-ffff-ffff-ffff-ffffffffffff';
    home CONSTANT uuid := CASE WHEN c.places IS NOT NULL
                               THEN nullif(c.bucket, '00000000-0000-0000-0000-000000000000') END;
    allowed CONSTANT integer := CASE WHEN of_all THEN 4 ELSE 1 END * budget;
    before CONSTANT integer := c.searches - cardinality(mine);
BEGIN
    FOR i IN 1..cardinality(mine) LOOP
        over[mine[i]] := over[mine[i]] OR NOT of_all AND before + i > allowed;
        IF before + i = allowed + 1 THEN
            PERFORM raise_alert('search_budget', c.account_id, home, NULL);
            alert[mine[i]] := 'search_budget';
        END IF;
    END LOOP;
    IF probes(c, home) THEN
        PERFORM raise_alert('area_probing', c.account_id, home, NULL);
        alert[mine[cardinality(mine)]] := 'area_probing';
    END IF;
END $$;
COMMENT ON FUNCTION judge_searches IS
    'Of one count: marks the searches beyond the budget, and raises the alerts that are due. mine: the positions of '
    'the searches that it counts.';

-- The arrays hold one element for each search, in the order of asking: the caller, the bucket (NULL: not
-- counted) and the places. Every group takes the counts in the same order, so that groups wait for each
-- other without a deadlock. Searches beyond a budget are rare and handled one by one.
CREATE FUNCTION count_searches(callers uuid[], buckets uuid[], places text[], budget integer, OUT over boolean[],
                               OUT alert text[])
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
#variable_conflict use_column
DECLARE
    everything CONSTANT uuid := 'ffffffff-ffff-ffff-ffff-ffffffffffff';
    c search_count;
    verdict record;
BEGIN
    FOR c IN
        INSERT INTO search_count AS c (account_id, bucket, day, searches, places, changed_at)
        SELECT s.caller, coalesce(s.kept_in, everything), today(), count(*),
               CASE GROUPING(s.kept_in) WHEN 0 THEN max(s.about) FILTER (WHERE s.last) END,
               array_fill(now(), ARRAY[CASE GROUPING(s.kept_in)
                   WHEN 0 THEN least(count(*) FILTER (WHERE s.changed), 4)::integer ELSE 0 END])
          FROM (SELECT p.caller, p.kept_in, p.about, lag(p.about) OVER asked <> p.about AS changed,
                       lead(p.n) OVER asked IS NULL AS last
                  FROM unnest(callers, buckets, places) WITH ORDINALITY p (caller, kept_in, about, n)
                 WHERE p.caller IS NOT NULL AND p.kept_in IS NOT NULL
                WINDOW asked AS (PARTITION BY p.caller, p.kept_in ORDER BY p.n)) s
         GROUP BY GROUPING SETS ((s.caller, s.kept_in), (s.caller))
         ORDER BY 1, 2
        ON CONFLICT (account_id, bucket) DO UPDATE
           SET searches = CASE WHEN c.day = excluded.day THEN c.searches ELSE 0 END + excluded.searches,
               day = excluded.day, places = excluded.places,
               -- searches of one group that differ from each other also count as different from the previous one
               changed_at = CASE
                   WHEN excluded.places IS NULL OR c.places = excluded.places AND excluded.changed_at = '{}'
                   THEN c.changed_at
                   ELSE last_four(c.changed_at || array_fill(now(), ARRAY[(c.places IS NOT NULL)::integer])
                                  || excluded.changed_at) END
        RETURNING c.*
    LOOP
        CONTINUE WHEN c.searches <= CASE c.bucket WHEN everything THEN 4 ELSE 1 END * budget
                      AND NOT changes_places(c);
        verdict := judge_searches(
            c, ARRAY(SELECT p.n::integer FROM unnest(callers, buckets) WITH ORDINALITY p (caller, kept_in, n)
                      WHERE p.caller = c.account_id
                        AND (p.kept_in = c.bucket OR p.kept_in IS NOT NULL AND c.bucket = everything) ORDER BY p.n),
            budget, coalesce(over, array_fill(false, ARRAY[cardinality(callers)])),
            coalesce(alert, array_fill(NULL::text, ARRAY[cardinality(callers)])));
        over := verdict.over;
        alert := verdict.alert;
    END LOOP;
END $$;
COMMENT ON FUNCTION count_searches IS
    'Counts searches: whether each is over the budget, and the alert that it raised; both NULL where no search is '
    'over or raised one. The information officer is alerted once a day: beyond the budget of a bucket, beyond four '
    'budgets over all buckets together, and from the fourth change of places within a day.';

-- ---- searches for people ----

CREATE TABLE person_search_count (
    account_id uuid PRIMARY KEY REFERENCES account,
    day date NOT NULL,
    searches integer NOT NULL,
    nothing integer NOT NULL DEFAULT 0
);
COMMENT ON TABLE person_search_count IS 'Searches for people, for the budget and for noticing guesses.';
COMMENT ON COLUMN person_search_count.account_id IS 'The person.';
COMMENT ON COLUMN person_search_count.day IS 'The day that searches is about.';
COMMENT ON COLUMN person_search_count.searches IS 'Number of searches on that day.';
COMMENT ON COLUMN person_search_count.nothing IS 'Searches without a result since the last one with a result.';
SELECT guard('person_search_count', 'owner');

CREATE FUNCTION people_found(dated bytea, undated bytea)
RETURNS TABLE (household_id uuid, household_reference text, organisation text, open boolean, kind text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
    SELECT CASE WHEN own.yes THEN h.id END, CASE WHEN own.yes THEN h.reference END, o.name, h.closed_at IS NULL,
           CASE WHEN bool_or(i.hash = dated) THEN 'name_and_birth' ELSE 'name' END
      FROM person_index i JOIN household h ON h.id = i.household_id JOIN organisation o ON o.id = h.organisation_id
     CROSS JOIN LATERAL (SELECT h.organisation_id = audit.me('organisation')::uuid AS yes) own
     WHERE i.hash IN (dated, undated) AND i.purpose = 'link' AND i.member_id IS NOT NULL
       AND h.organisation_id = ANY (audit.me('partners')::uuid[]) AND NOT case_hidden(h.id, audit.me('account')::uuid)
     GROUP BY h.id, own.yes, o.name
     ORDER BY bool_or(i.hash = dated) DESC NULLS LAST, own.yes DESC, h.closed_at DESC NULLS FIRST, h.id LIMIT 6
$$;
COMMENT ON FUNCTION people_found IS
    'Members of the partnership''s cases, never parties: cases of the caller''s organisation by reference, and of '
    'another organisation only that there is one. Six rows at most: a sixth says that there are more.';

CREATE FUNCTION person_search(dated bytea, undated bytea, referral uuid, why jsonb, budget integer)
RETURNS TABLE (outcome person_search_outcome, alert text, rows jsonb)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
DECLARE
    me uuid := audit.caller();
    related uuid;
    done person_search_count;
BEGIN
    SELECT r.household_id INTO related FROM referral r
     WHERE r.id = referral AND r.organisation_id = ANY (audit.me('partners')::uuid[])
       AND NOT case_hidden(r.household_id, me);
    IF referral IS NOT NULL AND related IS NULL THEN
        outcome := 'no_referral';
        RETURN NEXT;
        RETURN;
    END IF;
    INSERT INTO person_search_count AS c (account_id, day, searches) VALUES (me, today(), 1)
    ON CONFLICT (account_id) DO UPDATE
        SET searches = CASE WHEN c.day = excluded.day THEN c.searches ELSE 0 END + 1, day = excluded.day
    RETURNING c.* INTO done;
    outcome := CASE WHEN done.searches > budget THEN 'over' ELSE 'searched' END;
    IF outcome = 'searched' THEN
        SELECT coalesce(jsonb_agg(to_jsonb(p)), '[]') INTO rows FROM people_found(dated, undated) p;
        UPDATE person_search_count c SET nothing = CASE WHEN rows = '[]' THEN c.nothing + 1 ELSE 0 END
         WHERE c.account_id = me
        RETURNING c.nothing INTO done.nothing;
    END IF;
    IF done.searches = budget + 1 OR outcome = 'searched' AND rows = '[]' AND done.nothing % 10 = 0 THEN
        PERFORM raise_alert('person_search', me, related, why ->> 'reason');
        alert := 'person_search';
    END IF;
    INSERT INTO audit.event (account_id, organisation_id, request_id, action, subject_kind, subject_id, household_id,
                             detail)
    VALUES (me, audit.me('organisation')::uuid, audit.me('request'), 'person_search', 'person', referral, related,
            (why - 'reason') || jsonb_build_object('outcome', outcome, 'rows', jsonb_array_length(rows)));
    RETURN NEXT;
END $$;
COMMENT ON FUNCTION person_search IS
    'Searches for a person by keyed hashes, counts the search and records it. The information officer is alerted at '
    'the first search beyond the budget of a day, and at every tenth in a row without a result.';
GRANT EXECUTE ON FUNCTION person_search TO haven_app;

-- ---- recorded reads ----

CREATE TYPE audit.told AS (
    item bigint[],
    caller uuid[],
    employer uuid[],
    request text[],
    event jsonb[],
    household uuid[],
    bucket uuid[],
    places text[],
    budget integer,
    unmet boolean
);
COMMENT ON TYPE audit.told IS
    'Events of several items, as arrays side by side: the item''s number, the caller (NULL: nothing is recorded) with '
    'organisation and request, the event, the household that must not be hidden, the bucket in which it is counted, '
    'and the places of a search. Of all: the budget, and whether a search among them found nothing.';

-- Each session is looked up by itself, or all sessions would be read.
CREATE FUNCTION audit.told_of(items jsonb) RETURNS audit.told LANGUAGE plpgsql AS $$
DECLARE
    t audit.told;
BEGIN
    SELECT array_agg(i.ord), array_agg(s.account_id), array_agg(s.organisation_id), array_agg(i.item ->> 'request'),
           array_agg(e.value), array_agg(CASE WHEN s.account_id IS NOT NULL AND e.value ->> 'kind' <> 'audit_event'
                          THEN (e.value ->> 'household')::uuid END),
           array_agg(CASE WHEN NOT i.item ? 'budget' OR e.value ->> 'action' <> 'search' THEN NULL
                          WHEN e.value ->> 'kind' = 'vacancy' THEN 'cccccccc-cccc-cccc-cccc-cccccccccccc'
                          WHEN e.value -> 'detail' ? 'places'
                          THEN coalesce((e.value #>> '{detail,case}')::uuid,
                                        '00000000-0000-0000-0000-000000000000') END),
           array_agg(e.value #>> '{detail,places}'), max((i.item ->> 'budget')::integer),
           bool_or(e.value #>> '{detail,matching}' = '0')
      INTO t
      FROM jsonb_array_elements(items) WITH ORDINALITY i (item, ord)
     CROSS JOIN jsonb_array_elements(i.item -> 'events') e
      LEFT JOIN LATERAL (SELECT o.account_id, o.organisation_id FROM open_session o
                          WHERE o.token_hash = sha256(decode(i.item ->> 'token', 'hex')) LIMIT 1) s ON true;
    RETURN t;
END $$;
COMMENT ON FUNCTION audit.told_of IS 'The events of the items, each with the caller of its session.';

CREATE FUNCTION audit.write_told(t audit.told) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    -- any other action is an error: triggers record changes, and functions record their own reads
    INSERT INTO audit.event (account_id, organisation_id, request_id, action, subject_kind, subject_id, household_id,
                             detail)
    SELECT p.caller, p.employer, p.request,
           CASE WHEN p.e ->> 'action' IN ('read', 'search', 'person_search') THEN p.e ->> 'action' END,
           p.e ->> 'kind', (p.e ->> 'id')::uuid, (p.e ->> 'household')::uuid, p.e -> 'detail'
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
COMMENT ON FUNCTION audit.write_told IS 'Records the events that have a caller, and unmet need.';

-- Planned once a connection, so it may use indexes only (see open_request).
CREATE FUNCTION audit.record_many(items jsonb)
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
    END IF;
    RETURN QUERY
    SELECT p.ord, bool_or(p.caller IS NOT NULL OR p.ord = ANY (gone)), p.ord = ANY (gone),
           coalesce(bool_or(p.over), false), min(p.alert)
      FROM unnest(t.item, t.caller, beyond, alerts) p (ord, caller, over, alert) GROUP BY p.ord;
END $$;
COMMENT ON FUNCTION audit.record_many IS
    'Records reads and searches given as items [{token, request, budget, events: [{action, kind, id, household, '
    'detail}]}], each checked by its session; ord is the item''s number. Nothing of an item is recorded or counted '
    'where its session does not hold, or where it names a hidden case (an event about the trail itself only repeats '
    'what was asked for). A search of a case without a result is unmet need. over: the answer must not be given; '
    'alert: the kind of the alert that was raised.';
GRANT EXECUTE ON FUNCTION audit.record_many TO haven_app;
