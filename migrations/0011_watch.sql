-- Who is watched and by whom: declared links, opened cases, alerts and their review, searches for people,
-- budgets. What crosses the sight of who asks stands in functions, which say in their first lines who
-- may; the workers write none of these tables.

-- ---- declared links ----

CREATE FUNCTION declare_link(hashes bytea[], relationship text) RETURNS TABLE (id uuid, alert text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
#variable_conflict use_column
DECLARE
    me uuid := audit.me('account')::uuid;
    made uuid := gen_random_uuid();
    lately integer;
BEGIN
    INSERT INTO account_link (id, account_id, hash, relationship) SELECT made, me, h, declare_link.relationship FROM unnest(hashes) h;
    SELECT count(DISTINCT l.id) INTO lately FROM account_link l
     WHERE l.account_id = me AND l.declared_at > now() - interval '24 hours';
    IF lately % 4 = 0 THEN
        PERFORM raise_alert('conflict_probing', me, NULL, NULL);
        RETURN QUERY SELECT made, 'conflict_probing';
    ELSE
        RETURN QUERY SELECT made, NULL;
    END IF;
END $$;
COMMENT ON FUNCTION declare_link IS 'Who asks declares a link to the person of these hashes. Every fourth within a day is told: whoever declares name after name and looks which cases are gone learns who is in them.';

CREATE FUNCTION declared_links(one uuid)
RETURNS TABLE (id uuid, account_id uuid, account text, relationship text, declared_at timestamptz, ended_at timestamptz, end_reason text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
    SELECT DISTINCT ON (l.declared_at, l.id) l.id, l.account_id, a.display_name, l.relationship, l.declared_at, l.ended_at, l.end_reason
      FROM account_link l JOIN account a ON a.id = l.account_id
     WHERE (one IS NULL OR l.id = one)
       AND (l.account_id = audit.me('account')::uuid
            OR audit.me('role') = 'administrator' AND a.organisation_id = ANY (audit.me('partners')::uuid[]))
     ORDER BY l.declared_at DESC, l.id
$$;
COMMENT ON FUNCTION declared_links IS 'One''s own declarations; an administrator''s partnership''s. Never of whom: that is not kept.';

CREATE FUNCTION end_link(one uuid, reason text) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
DECLARE
    me uuid := audit.me('account')::uuid;
    link record;
BEGIN
    SELECT * INTO link FROM declared_links(one);
    IF NOT FOUND OR audit.me('role') <> 'administrator' THEN
        RETURN 'none';
    ELSIF link.account_id = me THEN
        RETURN 'own';
    END IF;
    UPDATE account_link l SET ended_at = now(), ended_by = me, end_reason = reason WHERE l.id = one AND l.ended_at IS NULL;
    RETURN CASE WHEN FOUND THEN 'ended' ELSE 'ended_before' END;
END $$;
COMMENT ON FUNCTION end_link IS 'An administrator takes back what somebody else of the partnership declared: ended, ended_before, own, or none.';

-- Before row security looks at the row: who may not see a case may not make it either.
CREATE FUNCTION refuse_linked() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
BEGIN
    IF NEW.purpose = 'link' AND EXISTS (SELECT FROM account_link l WHERE l.account_id = audit.me('account')::uuid AND l.ended_at IS NULL
                                           AND l.hash = NEW.hash) THEN
        RAISE EXCEPTION 'a declared link' USING ERRCODE = 'check_violation', CONSTRAINT = 'person_index_linked';
    END IF;
    RETURN NEW;
END $$;
COMMENT ON FUNCTION refuse_linked IS 'Nobody records a person in a case whom they declared a link to: a colleague must.';
CREATE TRIGGER person_index_linked BEFORE INSERT ON person_index FOR EACH ROW EXECUTE FUNCTION refuse_linked();

-- ---- alerts ----

CREATE FUNCTION alerts()
RETURNS TABLE (id uuid, kind text, organisation_id uuid, organisation text, account_id uuid, account text, household_reference text,
               reason text, raised_at timestamptz, review_due_on date, overdue boolean, reviewed_at timestamptz, reviewer text,
               finding text, note text, version integer)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
    SELECT x.id, x.kind, x.organisation_id, o.name, x.account_id, a.display_name,
           CASE WHEN h.id <> ALL (denied_cases()) THEN h.reference END, x.reason, x.raised_at, x.review_due_on,
           x.reviewed_at IS NULL AND x.review_due_on < today(), x.reviewed_at, r.display_name, x.finding, x.note, x.version
      FROM alert x JOIN organisation o ON o.id = x.organisation_id JOIN account a ON a.id = x.account_id
      LEFT JOIN household h ON h.id = x.household_id LEFT JOIN account r ON r.id = x.reviewed_by
     WHERE audit.me('role') = 'administrator' AND x.organisation_id = ANY (audit.me('partners')::uuid[])
$$;
COMMENT ON FUNCTION alerts IS 'The alerts of an administrator''s partnership, with the case''s reference and nothing of the case; without that where the case is denied to the administrator, or else who writes a case''s list could keep an alert from being told.';

CREATE FUNCTION review_alert(one uuid, of_version integer, judged text, remark text) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
DECLARE
    me uuid := audit.me('account')::uuid;
    x record;
BEGIN
    PERFORM FROM alert a WHERE a.id = one FOR NO KEY UPDATE;
    SELECT * INTO x FROM alerts() a WHERE a.id = one;
    IF NOT FOUND THEN
        RETURN 'none';
    ELSIF x.account_id = me THEN
        RETURN 'own';
    ELSIF x.reviewed_at IS NOT NULL THEN
        RETURN 'reviewed';
    ELSIF x.version <> of_version THEN
        RETURN 'changed';
    END IF;
    UPDATE alert a SET reviewed_at = now(), reviewed_by = me, finding = judged, note = remark, version = a.version + 1 WHERE a.id = one;
    RETURN 'done';
END $$;
COMMENT ON FUNCTION review_alert IS 'An administrator reviews what somebody else did: done, changed, reviewed (before), own, or none.';

-- ---- breaking the glass ----

CREATE FUNCTION break_glass(of_reference text, why text)
RETURNS TABLE (outcome text, id uuid, household_id uuid, household_reference text, opened_at timestamptz, expires_at timestamptz)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
#variable_conflict use_column
DECLARE
    me uuid := audit.me('account')::uuid;
    mine uuid := audit.me('organisation')::uuid;
    household uuid;
    made uuid;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('break_glass ' || me, 0));
    SELECT h.id INTO household FROM household h
     WHERE h.reference = of_reference AND h.organisation_id = ANY (audit.me('partners')::uuid[]) AND h.erased_at IS NULL;
    IF NOT FOUND OR household = ANY (denied_cases()) THEN
        RETURN;
    ELSIF NOT case_hidden(household, me) THEN
        RETURN QUERY SELECT 'visible', NULL::uuid, NULL::uuid, NULL, NULL::timestamptz, NULL::timestamptz;
        RETURN;
    END IF;
    INSERT INTO break_glass AS b (household_id, account_id, organisation_id, reason) VALUES (household, me, mine, why) RETURNING b.id INTO made;
    PERFORM raise_alert('break_glass', me, household, why);
    INSERT INTO audit.event (account_id, organisation_id, request_id, action, subject_kind, subject_id, household_id)
    VALUES (me, mine, audit.me('request'), 'break_glass', 'break_glass', made, household);
    RETURN QUERY SELECT 'opened', b.id, b.household_id, of_reference, b.opened_at, b.expires_at FROM break_glass b WHERE b.id = made;
END $$;
COMMENT ON FUNCTION break_glass IS 'Opens a restricted case of the partnership to who asks. No row where there is none, or it is denied to them.';

CREATE FUNCTION broken_glass()
RETURNS TABLE (id uuid, household_id uuid, household_reference text, account_id uuid, account text, organisation text, reason text,
               opened_at timestamptz, expires_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
    SELECT b.id, CASE WHEN b.account_id = audit.me('account')::uuid AND NOT case_hidden(h.id, b.account_id) THEN h.id END,
           CASE WHEN h.id <> ALL (denied_cases()) THEN h.reference END,
           b.account_id, a.display_name, o.name, b.reason, b.opened_at, b.expires_at
      FROM break_glass b JOIN household h ON h.id = b.household_id JOIN account a ON a.id = b.account_id
      JOIN organisation o ON o.id = b.organisation_id
     WHERE (b.account_id = audit.me('account')::uuid
            OR audit.me('role') = 'administrator' AND b.organisation_id = ANY (audit.me('partners')::uuid[]))
$$;
COMMENT ON FUNCTION broken_glass IS 'The restricted cases that one opened oneself, with their id while they are open; an administrator''s partnership''s.';

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

ALTER TABLE search_count ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

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

-- ---- edits that probe ----

CREATE TABLE edit_count (
    account_id uuid NOT NULL REFERENCES account,
    household_id uuid NOT NULL,
    kind alert_kind NOT NULL,
    day date NOT NULL,
    edits integer NOT NULL,
    PRIMARY KEY (account_id, household_id, kind)
);
COMMENT ON TABLE edit_count IS 'How often a person changed, on a day, what a search can be made to tell of: unsafe areas and parties.';
COMMENT ON COLUMN edit_count.account_id IS 'Who.';
COMMENT ON COLUMN edit_count.household_id IS 'In which case; all zeros: in new cases, each counted once.';
COMMENT ON COLUMN edit_count.kind IS 'area_probing or conflict_probing.';
COMMENT ON COLUMN edit_count.day IS 'The day that edits counts.';
COMMENT ON COLUMN edit_count.edits IS 'How many on that day.';
ALTER TABLE edit_count ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

CREATE FUNCTION watch_edits() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
DECLARE
    me uuid := audit.me('account')::uuid;
    e record;
    n integer;
BEGIN
    FOR e IN SELECT DISTINCT h.id, h.created_at = now() AS fresh FROM changed c JOIN household h ON h.id = c.household_id
              WHERE me IS NOT NULL AND coalesce(to_jsonb(c) ->> 'purpose', 'party') = 'party'
    LOOP
        INSERT INTO edit_count AS k (account_id, household_id, kind, day, edits)
        VALUES (me, CASE WHEN e.fresh THEN '00000000-0000-0000-0000-000000000000' ELSE e.id END, TG_ARGV[0], today(), 1)
        ON CONFLICT (account_id, household_id, kind) DO UPDATE
           SET edits = CASE WHEN k.day = excluded.day THEN k.edits ELSE 0 END + 1, day = excluded.day
        RETURNING k.edits INTO n;
        IF n = (CASE WHEN e.fresh THEN 20 ELSE 6 END) THEN
            PERFORM raise_alert(TG_ARGV[0], me, CASE WHEN NOT e.fresh THEN e.id END, NULL);
        END IF;
    END LOOP;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION watch_edits IS 'Whoever edits areas or parties and looks what vanishes learns where a place is, however they look: the sixth edit of a case in a day is told, and the twentieth new case with some.';
CREATE TRIGGER unsafe_place_added AFTER INSERT ON unsafe_place REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION watch_edits('area_probing');
CREATE TRIGGER unsafe_place_ended AFTER UPDATE ON unsafe_place REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION watch_edits('area_probing');
CREATE TRIGGER person_index_added AFTER INSERT ON person_index REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION watch_edits('conflict_probing');

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
ALTER TABLE person_search_count ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

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

REVOKE ALL ON FUNCTION declare_link, declared_links, end_link, refuse_linked, alerts, review_alert, break_glass, broken_glass,
    watch_edits, last_four, count_searches, people_found, person_search FROM PUBLIC;
GRANT EXECUTE ON FUNCTION declare_link, declared_links, end_link, alerts, review_alert, break_glass, broken_glass, person_search TO haven_app;
