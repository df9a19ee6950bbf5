-- Searches and reads: counted against budgets, and recorded. The workers can not write the trail, nor
-- unmet need, nor anybody's search count. Whatever an item says, its session says who asked.

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
COMMENT ON TABLE search_count IS 'Vacancy searches of a person by case, and looks at the candidates of vacancies, for the budget and the watch over probing.';
COMMENT ON COLUMN search_count.account_id IS 'Who.';
COMMENT ON COLUMN search_count.bucket IS 'The household; all zeros: needs given inline; all c: whom vacancies fit, which tells of every case at once; all f: everything together.';
COMMENT ON COLUMN search_count.day IS 'The day that searches counts.';
COMMENT ON COLUMN search_count.searches IS 'How many on that day.';
COMMENT ON COLUMN search_count.places IS 'Hash of the unsafe areas and places to reach of the last search.';
COMMENT ON COLUMN search_count.changed_at IS 'When these differed from those of the search before: the last four times.';
COMMENT ON COLUMN search_count.told_at IS 'When the information officer was last told of changing places here.';
SELECT guard('search_count', 'alone', recorded => false);
REVOKE SELECT ON search_count FROM haven_app;

CREATE FUNCTION last_four(times timestamptz[]) RETURNS timestamptz[] LANGUAGE sql IMMUTABLE AS $$
    SELECT times[greatest(1, cardinality(times) - 3):]
$$;
COMMENT ON FUNCTION last_four IS 'The newest four of times in their order.';

-- Searches side by side, in the order in which they were asked: who, counted where (NULL: nowhere), with
-- which places. Counts are taken in one order everywhere, so that groups wait for each other and never in
-- a circle; what is beyond a budget is looked at one by one, which is rare.
CREATE FUNCTION count_searches(who uuid[], bucket uuid[], places text[], budget integer, OUT over boolean[], OUT alert text[])
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
#variable_conflict use_column
DECLARE
    everything CONSTANT uuid := 'ffffffff-ffff-ffff-ffff-ffffffffffff';
    c search_count;
    allowed integer;
    probing boolean;
    told timestamptz;
    mine integer[]; -- the searches that c counts
    home uuid;
BEGIN
    FOR c IN
        INSERT INTO search_count AS c (account_id, bucket, day, searches, places, changed_at)
        SELECT s.asker, coalesce(s.kept_in, everything), today(), count(*),
               CASE GROUPING(s.kept_in) WHEN 0 THEN max(s.about) FILTER (WHERE s.last) END,
               array_fill(now(), ARRAY[CASE GROUPING(s.kept_in) WHEN 0 THEN least(count(*) FILTER (WHERE s.changed), 4)::integer ELSE 0 END])
          FROM (SELECT p.asker, p.kept_in, p.about, lag(p.about) OVER asked <> p.about AS changed, lead(p.n) OVER asked IS NULL AS last
                  FROM unnest(who, bucket, places) WITH ORDINALITY p (asker, kept_in, about, n)
                 WHERE p.asker IS NOT NULL AND p.kept_in IS NOT NULL
                WINDOW asked AS (PARTITION BY p.asker, p.kept_in ORDER BY p.n)) s
         GROUP BY GROUPING SETS ((s.asker, s.kept_in), (s.asker))
         ORDER BY 1, 2
        ON CONFLICT (account_id, bucket) DO UPDATE
           SET searches = CASE WHEN c.day = excluded.day THEN c.searches ELSE 0 END + excluded.searches, day = excluded.day,
               places = excluded.places,
               -- those of one group that differ among themselves count as differing from the last one too
               changed_at = CASE WHEN excluded.places IS NULL OR c.places = excluded.places AND excluded.changed_at = '{}' THEN c.changed_at
                                 ELSE last_four(c.changed_at || array_fill(now(), ARRAY[(c.places IS NOT NULL)::integer]) || excluded.changed_at) END
        RETURNING c.*
    LOOP
        allowed := CASE c.bucket WHEN everything THEN 4 ELSE 1 END * budget;
        home := CASE WHEN c.places IS NOT NULL THEN nullif(c.bucket, '00000000-0000-0000-0000-000000000000') END;
        probing := c.changed_at[4] IS NOT NULL AND c.changed_at[1] > now() - interval '24 hours'
                   AND coalesce(c.told_at < now() - interval '24 hours', true);
        IF probing THEN
            SELECT max(a.raised_at) INTO told FROM alert a
             WHERE a.account_id = c.account_id AND a.kind = 'area_probing' AND a.household_id IS NOT DISTINCT FROM home
               AND a.raised_at > now() - interval '24 hours';
            probing := told IS NULL;
            UPDATE search_count k SET told_at = coalesce(told, now()) WHERE k.account_id = c.account_id AND k.bucket = c.bucket;
        END IF;
        CONTINUE WHEN c.searches <= allowed AND NOT probing;
        over := coalesce(over, array_fill(false, ARRAY[cardinality(who)]));
        alert := coalesce(alert, array_fill(NULL::text, ARRAY[cardinality(who)]));
        mine := ARRAY(SELECT p.n FROM unnest(who, bucket) WITH ORDINALITY p (asker, kept_in, n)
                       WHERE p.asker = c.account_id AND (p.kept_in = c.bucket OR p.kept_in IS NOT NULL AND c.bucket = everything) ORDER BY p.n);
        FOR i IN 1..cardinality(mine) LOOP
            over[mine[i]] := over[mine[i]] OR c.bucket <> everything AND c.searches - cardinality(mine) + i > allowed;
            IF c.searches - cardinality(mine) + i = allowed + 1 THEN
                PERFORM raise_alert('search_budget', c.account_id, home, NULL);
                alert[mine[i]] := 'search_budget';
            END IF;
        END LOOP;
        IF probing THEN
            PERFORM raise_alert('area_probing', c.account_id, home, NULL);
            alert[mine[cardinality(mine)]] := 'area_probing';
        END IF;
    END LOOP;
END $$;
COMMENT ON FUNCTION count_searches IS 'Counts searches: whether each is over the budget, and the alert that it raised; both NULL where there is nothing to say of any. Beyond the budget of a bucket, beyond four budgets over all of them together, and from the fourth change of places within a day, the information officer is told once a day.';

-- ---- searches for people ----

CREATE TABLE person_search_count (
    account_id uuid PRIMARY KEY REFERENCES account,
    day date NOT NULL,
    searches integer NOT NULL,
    nothing integer NOT NULL DEFAULT 0
);
COMMENT ON TABLE person_search_count IS 'Searches for people, for the budget and for the alert about guessing.';
COMMENT ON COLUMN person_search_count.account_id IS 'Who.';
COMMENT ON COLUMN person_search_count.day IS 'The day that searches counts.';
COMMENT ON COLUMN person_search_count.searches IS 'How many on that day.';
COMMENT ON COLUMN person_search_count.nothing IS 'How many have found nothing since the last that found somebody.';
SELECT guard('person_search_count', 'alone', recorded => false);
REVOKE SELECT ON person_search_count FROM haven_app;

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
COMMENT ON FUNCTION people_found IS 'Members of the partnership''s cases, parties never: the own organisation''s cases by reference, of others that there is one. Six rows at most: the sixth says that there are more.';

CREATE FUNCTION person_search(dated bytea, undated bytea, referral uuid, why jsonb, budget integer)
RETURNS TABLE (outcome text, alert text, rows jsonb)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
DECLARE
    me uuid := audit.asker();
    related uuid;
    done person_search_count;
BEGIN
    SELECT r.household_id INTO related FROM referral r
     WHERE r.id = referral AND r.organisation_id = ANY (audit.me('partners')::uuid[]) AND NOT case_hidden(r.household_id, me);
    IF referral IS NOT NULL AND related IS NULL THEN
        outcome := 'no_referral';
        RETURN NEXT;
        RETURN;
    END IF;
    INSERT INTO person_search_count AS c (account_id, day, searches) VALUES (me, today(), 1)
    ON CONFLICT (account_id) DO UPDATE SET searches = CASE WHEN c.day = excluded.day THEN c.searches ELSE 0 END + 1, day = excluded.day
    RETURNING c.* INTO done;
    outcome := CASE WHEN done.searches > budget THEN 'over' ELSE 'searched' END;
    IF outcome = 'searched' THEN
        SELECT coalesce(jsonb_agg(to_jsonb(p)), '[]') INTO rows FROM people_found(dated, undated) p;
        UPDATE person_search_count c SET nothing = CASE WHEN rows = '[]' THEN c.nothing + 1 ELSE 0 END WHERE c.account_id = me
        RETURNING c.nothing INTO done.nothing;
    END IF;
    IF done.searches = budget + 1 OR outcome = 'searched' AND rows = '[]' AND done.nothing % 10 = 0 THEN
        PERFORM raise_alert('person_search', me, related, why ->> 'reason');
        alert := 'person_search';
    END IF;
    INSERT INTO audit.event (account_id, organisation_id, request_id, action, subject_kind, subject_id, household_id, detail)
    VALUES (me, audit.me('organisation')::uuid, audit.me('request'), 'person_search', 'person', referral, related,
            (why - 'reason') || jsonb_build_object('outcome', outcome, 'rows', jsonb_array_length(rows)));
    RETURN NEXT;
END $$;
COMMENT ON FUNCTION person_search IS 'Searches for a person by keyed hashes, counts and records it; the officer is told at the first beyond the budget of a day, and at every tenth in a row that finds nothing. outcome: searched, over, or no_referral.';
GRANT EXECUTE ON FUNCTION person_search TO haven_app;

-- ---- recorded reads ----

-- Planned once a connection and for ever, so it knows indexes only (see open_request);
-- each session is looked up by itself, or all of them would be read.
CREATE FUNCTION audit.record_many(items jsonb) RETURNS TABLE (ord bigint, signed_in boolean, hidden boolean, over boolean, alert text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
#variable_conflict use_column
DECLARE
    -- side by side, of each event
    item bigint[];
    who uuid[]; -- NULL: nothing is recorded
    employer uuid[];
    request text[];
    event jsonb[];
    household uuid[]; -- which must not be hidden
    bucket uuid[]; -- in which it is counted
    places text[];
    -- of all
    budget integer;
    unmet boolean;
    gone bigint[] := '{}';
    -- as above
    beyond boolean[];
    alerts text[];
BEGIN
    PERFORM audit.disown();
    SELECT array_agg(i.ord), array_agg(a.id), array_agg(a.organisation_id), array_agg(i.item ->> 'request'), array_agg(e.value),
           array_agg(CASE WHEN a.id IS NOT NULL AND e.value ->> 'kind' <> 'audit_event' THEN (e.value ->> 'household')::uuid END),
           array_agg(CASE WHEN NOT i.item ? 'budget' OR e.value ->> 'action' <> 'search' THEN NULL
                          WHEN e.value ->> 'kind' = 'vacancy' THEN 'cccccccc-cccc-cccc-cccc-cccccccccccc'
                          WHEN e.value -> 'detail' ? 'places' THEN coalesce((e.value #>> '{detail,case}')::uuid, '00000000-0000-0000-0000-000000000000') END),
           array_agg(e.value #>> '{detail,places}'), max((i.item ->> 'budget')::integer), bool_or(e.value #>> '{detail,matching}' = '0')
      INTO item, who, employer, request, event, household, bucket, places, budget, unmet
      FROM jsonb_array_elements(items) WITH ORDINALITY i (item, ord)
     CROSS JOIN jsonb_array_elements(i.item -> 'events') e
      LEFT JOIN LATERAL (SELECT a.id, a.organisation_id FROM session s JOIN account a ON a.id = s.account_id
                          WHERE s.token_hash = sha256(decode(i.item ->> 'token', 'hex')) AND s.revoked_at IS NULL AND s.expires_at > now()
                            AND s.seen_at + make_interval(mins => s.idle_minutes) > now() AND a.disabled_at IS NULL
                          LIMIT 1) a ON true;
    IF array_remove(household, NULL) <> '{}' THEN
        gone := ARRAY(SELECT p.ord FROM unnest(item, cases_hidden(household, who)) p (ord, flag) WHERE p.flag);
    END IF;
    IF gone <> '{}' THEN
        who := ARRAY(SELECT CASE WHEN p.ord <> ALL (gone) THEN p.who END FROM unnest(item, who) WITH ORDINALITY p (ord, who, n) ORDER BY p.n);
    END IF;
    -- an action that is not one of these is an error: changes are recorded by their triggers, looks by theirs
    INSERT INTO audit.event (account_id, organisation_id, request_id, action, subject_kind, subject_id, household_id, detail)
    SELECT p.who, p.employer, p.request, CASE WHEN p.e ->> 'action' IN ('read', 'search', 'person_search') THEN p.e ->> 'action' END,
           p.e ->> 'kind', (p.e ->> 'id')::uuid, (p.e ->> 'household')::uuid, p.e -> 'detail'
      FROM unnest(item, who, employer, request, event) p (ord, who, employer, request, e)
     WHERE p.who IS NOT NULL;
    IF unmet THEN
        INSERT INTO unmet_need (household_id, organisation_id, reasons, policy_version, inputs_hash)
        SELECT (p.e ->> 'household')::uuid, p.employer, p.e #> '{detail,not_fitting}', p.e #>> '{detail,policy_version}', p.e #>> '{detail,inputs_hash}'
          FROM unnest(item, who, employer, event) p (ord, who, employer, e)
         WHERE p.who IS NOT NULL AND p.e ->> 'action' = 'search' AND p.e ->> 'household' IS NOT NULL AND p.e #>> '{detail,matching}' = '0'
         ORDER BY 1, 5
        ON CONFLICT DO NOTHING;
    END IF;
    IF array_remove(bucket, NULL) <> '{}' THEN
        SELECT k.over, k.alert INTO beyond, alerts FROM count_searches(who, bucket, places, budget) k;
    END IF;
    RETURN QUERY
    SELECT p.ord, bool_or(p.asker IS NOT NULL OR p.ord = ANY (gone)), p.ord = ANY (gone), coalesce(bool_or(p.over), false), min(p.alert)
      FROM unnest(item, who, beyond, alerts) p (ord, asker, over, alert) GROUP BY p.ord;
END $$;
COMMENT ON FUNCTION audit.record_many IS 'Records what was read and searched in items [{token, request, budget, events: [{action, kind, id, household, detail}]}], each checked by its session; ord is the item''s number. Where the session does not hold or the item names a hidden case (an event about the trail itself names only what was asked for) nothing is recorded or counted of it. A search of a case that found nothing is unmet need. over: the answer is not to be given; alert: kind of the one that was raised.';
GRANT EXECUTE ON FUNCTION audit.record_many TO haven_app;
