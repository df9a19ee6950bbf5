-- Reads and searches are recorded by one function of the owner: the workers can not write the trail, nor
-- unmet need, nor anybody's search count. Whatever an item says, its session says who asked.

-- Planned once a connection and for ever, so it knows indexes only (see open_request, migration 0002);
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

REVOKE ALL ON FUNCTION audit.record_many FROM PUBLIC;
GRANT EXECUTE ON FUNCTION audit.record_many TO haven_app;
REVOKE INSERT, UPDATE ON unmet_need FROM haven_app;
