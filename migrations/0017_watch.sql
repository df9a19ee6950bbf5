-- Watching the users: declared links, emergency openings, alerts and their review, edits that probe. Reads
-- beyond the caller's own rows go through these functions; each checks the caller's role first. Workers
-- write none of these tables.

-- ---- declared links ----

CREATE FUNCTION declare_link(hashes bytea[], relationship text) RETURNS TABLE (id uuid, alert text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
#variable_conflict use_column
DECLARE
    me uuid := audit.me('account')::uuid;
    made uuid := gen_random_uuid();
    lately integer;
BEGIN
    INSERT INTO account_link (id, account_id, hash, relationship) SELECT made, me, h, declare_link.relationship
      FROM unnest(hashes) h;
    SELECT count(DISTINCT l.id) INTO lately FROM account_link l
     WHERE l.account_id = me AND l.declared_at > now() - interval '24 hours';
    IF lately % 4 = 0 THEN
        PERFORM raise_alert('conflict_probing', me, NULL, NULL);
        RETURN QUERY SELECT made, 'conflict_probing';
    ELSE
        RETURN QUERY SELECT made, NULL;
    END IF;
END $$;
COMMENT ON FUNCTION declare_link IS
    'The caller declares a link to the person of these hashes. Every fourth declaration within a day raises an alert: '
    'a person who declares name after name, and looks which cases disappear, learns who is in them.';
GRANT EXECUTE ON FUNCTION declare_link TO haven_app;

CREATE FUNCTION declared_link(one uuid)
RETURNS TABLE (id uuid, account_id uuid, account text, relationship text, declared_at timestamptz, ended_at timestamptz,
               end_reason text)
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 1 SET search_path = public, audit, pg_temp AS $$
BEGIN
    RETURN QUERY
    SELECT l.id, l.account_id, a.display_name, l.relationship::text, l.declared_at,
                    l.ended_at, l.end_reason
      FROM account_link l JOIN account a ON a.id = l.account_id
     WHERE l.id = one
       AND (l.account_id = audit.me('account')::uuid
            OR administers() AND a.organisation_id = ANY (audit.me('partners')::uuid[]))
     LIMIT 1;
END $$;
COMMENT ON FUNCTION declared_link IS
    'A declaration of the caller; for an administrator one of the partnership. The declared person is not stored.';
GRANT EXECUTE ON FUNCTION declared_link TO haven_app;

-- A link has a row for each of its hashes, at most two: so twice as many rows are read as are wanted.
CREATE FUNCTION newest_links(most integer, before_at timestamptz, before_id uuid)
RETURNS TABLE (id uuid, declared_at timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
BEGIN
    RETURN QUERY
    SELECT DISTINCT l.id, l.declared_at
      FROM account a
     CROSS JOIN LATERAL (SELECT k.id, k.declared_at FROM account_link k
                          WHERE k.account_id = a.id
                            AND (before_at IS NULL OR (k.declared_at, k.id) < (before_at, before_id))
                          ORDER BY k.declared_at DESC, k.id DESC LIMIT 2 * most) l
     WHERE CASE WHEN administers() THEN a.organisation_id = ANY (audit.me('partners')::uuid[])
                ELSE a.id = audit.me('account')::uuid END
     ORDER BY l.declared_at DESC, l.id DESC LIMIT most;
END $$;
COMMENT ON FUNCTION newest_links IS
    'The caller''s own declarations, for an administrator those of the partnership: the newest first, from before '
    'the given one.';
GRANT EXECUTE ON FUNCTION newest_links TO haven_app;

CREATE FUNCTION end_link(one uuid, reason text) RETURNS link_outcome
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
DECLARE
    me uuid := audit.me('account')::uuid;
    link record;
BEGIN
    SELECT * INTO link FROM declared_link(one);
    IF NOT FOUND OR NOT coalesce(administers(), false) THEN
        RETURN 'none';
    ELSIF link.account_id = me THEN
        RETURN 'own';
    END IF;
    UPDATE account_link l SET ended_at = now(), ended_by = me, end_reason = reason
     WHERE l.id = one AND l.ended_at IS NULL;
    RETURN CASE WHEN FOUND THEN 'ended' ELSE 'ended_before' END;
END $$;
COMMENT ON FUNCTION end_link IS 'An administrator ends a link that another person of the partnership declared.';
GRANT EXECUTE ON FUNCTION end_link TO haven_app;

-- ---- alerts ----

CREATE FUNCTION alert_of(one uuid)
RETURNS TABLE (id uuid, kind text, organisation_id uuid, organisation text, account_id uuid, account text,
               household_reference text,
               reason text, raised_at timestamptz, review_due_on date, overdue boolean, reviewed_at timestamptz,
               reviewer text,
               finding text, note text, version integer)
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 1 SET search_path = public, audit, pg_temp AS $$
BEGIN
    RETURN QUERY
    SELECT x.id, x.kind::text, x.organisation_id, o.name, x.account_id, a.display_name,
           CASE WHEN h.id <> ALL (denied_cases()) THEN h.reference END, x.reason, x.raised_at, x.review_due_on,
           x.reviewed_at IS NULL AND x.review_due_on < today(), x.reviewed_at, r.display_name, x.finding::text, x.note,
           x.version
      FROM alert x JOIN organisation o ON o.id = x.organisation_id JOIN account a ON a.id = x.account_id
      LEFT JOIN household h ON h.id = x.household_id LEFT JOIN account r ON r.id = x.reviewed_by
     WHERE x.id = one AND administers() AND x.organisation_id = ANY (audit.me('partners')::uuid[]);
END $$;
COMMENT ON FUNCTION alert_of IS
    'An alert of an administrator''s partnership, with the case reference and nothing else of the case. Where the '
    'case is denied to the administrator the alert comes without the reference: leaving it out altogether would let '
    'the author of the case''s list suppress an alert.';
GRANT EXECUTE ON FUNCTION alert_of TO haven_app;

CREATE FUNCTION review_alert(one uuid, of_version integer, judged text, remark text) RETURNS review_outcome
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
DECLARE
    me uuid := audit.me('account')::uuid;
    x record;
BEGIN
    PERFORM FROM alert a WHERE a.id = one FOR NO KEY UPDATE;
    SELECT * INTO x FROM alert_of(one);
    IF NOT FOUND THEN
        RETURN 'none';
    ELSIF x.account_id = me THEN
        RETURN 'own';
    ELSIF x.reviewed_at IS NOT NULL THEN
        RETURN 'reviewed';
    ELSIF x.version <> of_version THEN
        RETURN 'changed';
    END IF;
    UPDATE alert a SET reviewed_at = now(), reviewed_by = me, finding = judged, note = remark, version = a.version + 1
     WHERE a.id = one;
    RETURN 'done';
END $$;
COMMENT ON FUNCTION review_alert IS 'An administrator reviews what another person did.';
GRANT EXECUTE ON FUNCTION review_alert TO haven_app;

-- ---- emergency openings ----

CREATE FUNCTION break_glass(of_reference text, why text)
RETURNS TABLE (outcome opening_outcome, id uuid, household_id uuid, household_reference text, opened_at timestamptz,
               expires_at timestamptz)
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
     WHERE h.reference = of_reference AND h.organisation_id = ANY (audit.me('partners')::uuid[])
       AND h.erased_at IS NULL;
    IF NOT FOUND OR household = ANY (denied_cases()) THEN
        RETURN;
    ELSIF NOT case_hidden(household, me) THEN
        RETURN QUERY SELECT 'visible'::opening_outcome, NULL::uuid, NULL::uuid, NULL, NULL::timestamptz,
                            NULL::timestamptz;
        RETURN;
    END IF;
    INSERT INTO break_glass AS b (household_id, account_id, organisation_id, reason) VALUES (household, me, mine, why)
    RETURNING b.id INTO made;
    PERFORM raise_alert('break_glass', me, household, why);
    INSERT INTO audit.event (account_id, organisation_id, request_id, action, subject_kind, subject_id, household_id)
    VALUES (me, mine, audit.me('request'), 'break_glass', 'break_glass', made, household);
    RETURN QUERY SELECT 'opened'::opening_outcome, b.id, b.household_id, of_reference, b.opened_at, b.expires_at
                   FROM break_glass b WHERE b.id = made;
END $$;
COMMENT ON FUNCTION break_glass IS
    'Opens a restricted case of the partnership to the caller. No row where there is no such case, or it is denied to '
    'the caller.';
GRANT EXECUTE ON FUNCTION break_glass TO haven_app;

CREATE FUNCTION emergency_opening(one uuid)
RETURNS TABLE (id uuid, household_id uuid, household_reference text, account_id uuid, account text, organisation text,
               reason text,
               opened_at timestamptz, expires_at timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 1 SET search_path = public, audit, pg_temp AS $$
BEGIN
    RETURN QUERY
    SELECT b.id, CASE WHEN b.account_id = audit.me('account')::uuid AND NOT case_hidden(h.id, b.account_id)
           THEN h.id END,
           CASE WHEN h.id <> ALL (denied_cases()) THEN h.reference END,
           b.account_id, a.display_name, o.name, b.reason, b.opened_at, b.expires_at
      FROM break_glass b JOIN household h ON h.id = b.household_id JOIN account a ON a.id = b.account_id
      JOIN organisation o ON o.id = b.organisation_id
     WHERE b.id = one
       AND (b.account_id = audit.me('account')::uuid
            OR administers() AND b.organisation_id = ANY (audit.me('partners')::uuid[]));
END $$;
COMMENT ON FUNCTION emergency_opening IS
    'A restricted case that the caller opened, with its id while it is open; for an administrator one of the '
    'partnership.';
GRANT EXECUTE ON FUNCTION emergency_opening TO haven_app;

-- ---- edits that probe ----

CREATE TABLE edit_count (
    account_id uuid NOT NULL REFERENCES account,
    household_id uuid NOT NULL,
    kind alert_kind NOT NULL,
    day date NOT NULL,
    edits integer NOT NULL,
    PRIMARY KEY (account_id, household_id, kind)
);
COMMENT ON TABLE edit_count IS
    'How often a person changed, on a day, what a search can be made to give away: unsafe areas and parties.';
COMMENT ON COLUMN edit_count.account_id IS 'The person.';
COMMENT ON COLUMN edit_count.household_id IS 'The case; all zeros for new cases, each counted once.';
COMMENT ON COLUMN edit_count.kind IS 'area_probing or conflict_probing.';
COMMENT ON COLUMN edit_count.day IS 'The day that edits is about.';
COMMENT ON COLUMN edit_count.edits IS 'Number of edits on that day.';
SELECT guard('edit_count', 'owner', erase => 'rows');

CREATE FUNCTION watch_edits() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
DECLARE
    me uuid := audit.me('account')::uuid;
    e record;
    n integer;
BEGIN
    FOR e IN SELECT DISTINCT h.id, h.created_at = now() AS fresh FROM changed c
        JOIN household h ON h.id = c.household_id
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
COMMENT ON FUNCTION watch_edits IS
    'A person who edits areas or parties, and looks which places disappear, learns where a place is. The sixth edit '
    'of a case in a day raises an alert, and so does the twentieth new case with some.';

CREATE TRIGGER unsafe_place_added AFTER INSERT ON unsafe_place REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION watch_edits('area_probing');
CREATE TRIGGER unsafe_place_ended AFTER UPDATE ON unsafe_place REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION watch_edits('area_probing');
CREATE TRIGGER person_index_added AFTER INSERT ON person_index REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION watch_edits('conflict_probing');
