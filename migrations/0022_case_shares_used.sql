-- What follows from shares: holds for another organisation's case, giving and ending a share, the navigators', a case
-- taken over in an emergency, and what is told of cases that nobody shares.

-- ---- holds ----

CREATE OR REPLACE FUNCTION check_hold(item jsonb, OUT outcome hold_outcome, OUT attempt hold_attempt)
LANGUAGE plpgsql AS $$
DECLARE
    place record;
    home record;
    rules policy;
    last_day date; -- the stay ends before it; NULL is open-ended
BEGIN
    SELECT s.vacancy_id, s.unit_id, s.organisation_id, s.version, s.available_from, s.available_until, s.state
      INTO place FROM vacancy_state s WHERE s.vacancy_id = (item ->> 'vacancy_id')::uuid;
    SELECT h.id, h.organisation_id, h.version, h.closed_at, h.waiting_since, h.want_from, h.want_until
      INTO home FROM household h WHERE h.id = (item ->> 'household_id')::uuid AND h.erased_at IS NULL;
    SELECT * INTO STRICT rules FROM policy y WHERE y.id = 1;
    IF case_hidden(home.id, audit.me('account')::uuid) THEN
        home.id := NULL;
    END IF;
    attempt.vacancy_id := place.vacancy_id;
    attempt.unit_id := place.unit_id;
    attempt.organisation_id := place.organisation_id;
    attempt.household_id := home.id;
    attempt.household_version := home.version;
    attempt.minutes := coalesce((item ->> 'minutes')::integer, rules.hold_minutes);
    attempt.first_night := greatest(home.want_from, place.available_from, today());
    last_day := least(home.want_until, place.available_until);
    outcome := CASE
        WHEN home.id IS NULL THEN 'no_household'
        WHEN NOT (is_partner(place.organisation_id) AND is_partner(home.organisation_id)) THEN 'no_vacancy'
        WHEN attempt.minutes NOT BETWEEN rules.hold_least_minutes AND rules.hold_most_minutes THEN 'minutes'
        WHEN NOT works_on(home.id) THEN 'read_only'
        WHEN place.state <> 'open' THEN 'not_open'
        WHEN home.closed_at IS NOT NULL THEN 'household_closed'
        WHEN home.waiting_since IS NULL THEN 'household_draft'
        WHEN last_day <= attempt.first_night THEN 'outside_period'
        WHEN place.version <> (item ->> 'vacancy_version')::integer THEN 'changed' END;
    IF outcome IS NULL THEN
        attempt.nights := daterange(attempt.first_night, last_day);
    END IF;
END $$;

-- Probing by edits and probing by holds are one count of a person and a case.
CREATE FUNCTION count_probe(person uuid, home uuid, what text, fresh boolean) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    n integer;
BEGIN
    INSERT INTO edit_count AS k (account_id, household_id, kind, day, edits)
    VALUES (person, CASE WHEN fresh THEN '00000000-0000-0000-0000-000000000000' ELSE home END, what, today(), 1)
    ON CONFLICT (account_id, household_id, kind) DO UPDATE
       SET edits = CASE WHEN k.day = excluded.day THEN k.edits ELSE 0 END + 1, day = excluded.day
    RETURNING k.edits INTO n;
    IF n = (CASE WHEN fresh THEN 20 ELSE 6 END) THEN
        PERFORM raise_alert(what, person, CASE WHEN NOT fresh THEN home END, NULL);
    END IF;
END $$;
COMMENT ON FUNCTION count_probe IS
    'Counts what a person does to a case that can be made to give a place away. The sixth of a case in a day raises an '
    'alert, and so does the twentieth new case.';

CREATE OR REPLACE FUNCTION watch_edits() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
DECLARE
    me uuid := audit.me('account')::uuid;
BEGIN
    PERFORM count_probe(me, e.id, TG_ARGV[0], e.fresh)
       FROM (SELECT DISTINCT h.id, h.created_at = now() AS fresh FROM changed c
               JOIN household h ON h.id = c.household_id
              WHERE me IS NOT NULL AND coalesce(to_jsonb(c) ->> 'purpose', 'party') = 'party') e;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION watch_edits IS
    'A person who edits areas or parties, and looks which places disappear, learns where a place is.';
COMMENT ON TABLE edit_count IS
    'How often a person did, on a day, what can be made to give a place away: changed unsafe areas or parties, or had '
    'the hold of an unsafe place refused.';

CREATE OR REPLACE FUNCTION take_hold(item jsonb, OUT outcome hold_outcome, OUT id uuid, OUT body text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
DECLARE
    seen record := check_hold(item);
    a hold_attempt := seen.attempt;
    version_of_unit integer;
    locked record;
BEGIN
    outcome := seen.outcome;
    IF outcome IS NOT NULL THEN
        RETURN;
    END IF;
    SELECT u.version INTO version_of_unit FROM unit u WHERE u.id = a.unit_id FOR NO KEY UPDATE;
    locked := check_hold_locked(a);
    outcome := locked.outcome;
    IF outcome IS NOT NULL THEN
        IF outcome = 'not_suitable' THEN
            PERFORM count_probe(audit.me('account')::uuid, a.household_id, 'area_probing', false);
        END IF;
        RETURN;
    END IF;
    IF locked.expired THEN
        UPDATE placement p SET state = 'expired', version = p.version + 1
         WHERE p.unit_id = a.unit_id AND p.state IN ('held', 'offered') AND p.expires_at <= now();
    END IF;
    INSERT INTO placement AS p (vacancy_id, unit_id, organisation_id, household_id, requested_by, holder_id, period,
                                expires_at, policy_version, inputs_hash, score, household_version, unit_version)
    VALUES (a.vacancy_id, a.unit_id, a.organisation_id, a.household_id,
            (SELECT h.organisation_id FROM household h WHERE h.id = a.household_id), audit.me('account')::uuid,
            a.nights, now() + make_interval(mins => a.minutes), item ->> 'policy_version', item ->> 'inputs_hash',
            (item ->> 'score')::integer, a.household_version, version_of_unit)
    RETURNING p.id INTO take_hold.id;
    outcome := 'held';
    SELECT row_to_json(v)::text INTO body FROM placement_view v WHERE v.id = take_hold.id;
END $$;

-- ---- giving and ending ----

CREATE FUNCTION share_refusal(household uuid) RETURNS share_outcome
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
DECLARE
    me uuid := audit.me('account')::uuid;
BEGIN
    PERFORM lock_case(household);
    RETURN (SELECT CASE WHEN h.restricted
                             AND NOT EXISTS (SELECT FROM case_access a
                                              WHERE a.household_id = h.id AND a.account_id = me AND a.access = 'allow')
                        THEN 'not_listed' ELSE 'done' END
              FROM household h WHERE h.id = household AND case_is_ours(h.id));
END $$;
COMMENT ON FUNCTION share_refusal IS
    'Locks a case whose shares are to change: done where the caller may change them, NULL where the case is not their '
    'organisation''s. A person who opened it in an emergency sees it and decides nothing.';

CREATE FUNCTION give_share(household uuid, receiver uuid, person uuid, level share_access, why share_purpose,
                           until_day date) RETURNS TABLE (outcome share_outcome, id uuid)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
#variable_conflict use_column
DECLARE
    me uuid := audit.me('account')::uuid;
    theirs uuid;
BEGIN
    outcome := coalesce(share_refusal(household), 'none');
    SELECT o.id INTO theirs FROM organisation o LEFT JOIN account a ON a.id = person
     WHERE o.id = coalesce(receiver, a.organisation_id) AND o.kind = 'council' AND is_partner(o.id)
       AND (person IS NULL OR a.disabled_at IS NULL);
    IF outcome = 'done' THEN
        outcome := CASE WHEN theirs IS NULL THEN 'no_receiver' WHEN theirs = my_organisation() THEN 'own'
                        ELSE 'done' END;
    END IF;
    IF outcome = 'done' THEN
        UPDATE case_share s SET ends_at = greatest(now(), s.given_at), ended_by = me
         WHERE s.household_id = household AND s.organisation_id = theirs AND s.account_id IS NOT DISTINCT FROM person
           AND s.ends_at > now() AND s.opening_id IS NULL;
        INSERT INTO case_share AS s (household_id, organisation_id, account_id, access, purpose, given_by, ends_at)
        VALUES (household, theirs, person, level, why, me, (until_day + 1)::timestamp AT TIME ZONE 'Europe/London')
        RETURNING s.id INTO id;
    END IF;
    RETURN NEXT;
END $$;
COMMENT ON FUNCTION give_share IS
    'Shares a case of the caller''s organisation with another council of the partnership, or with one of its people, '
    'to the end of a day. It takes the place of an earlier share with the same receiver.';
GRANT EXECUTE ON FUNCTION give_share TO haven_app;

CREATE FUNCTION end_share(one uuid) RETURNS TABLE (outcome share_outcome, household_id uuid)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
#variable_conflict use_column
DECLARE
    me uuid := audit.me('account')::uuid;
    it case_share;
BEGIN
    SELECT s.* INTO it FROM case_share s WHERE s.id = one AND s.partnership_id IS NULL AND case_is_ours(s.household_id);
    outcome := coalesce(share_refusal(it.household_id), 'none');
    household_id := it.household_id;
    IF outcome = 'done' THEN
        UPDATE case_share s SET ends_at = greatest(now(), s.given_at), ended_by = me
         WHERE s.id = one AND s.ends_at > now();
        IF NOT FOUND THEN
            outcome := 'over';
        END IF;
        UPDATE break_glass b SET expires_at = now() WHERE b.id = it.opening_id AND b.expires_at > now();
    END IF;
    RETURN NEXT;
END $$;
COMMENT ON FUNCTION end_share IS
    'Ends a share of a case of the caller''s organisation, also one that a person took in an emergency. The '
    'navigators'' ends with the emergency referral alone.';
GRANT EXECUTE ON FUNCTION end_share TO haven_app;

-- ---- the navigator scheme ----

CREATE FUNCTION settle_navigators(home uuid) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM household h JOIN referral r ON r.household_id = h.id AND r.state NOT IN ('draft', 'closed')
                 JOIN consents_of(h.id) c ON c.purpose = 'share_with_providers'
                WHERE h.id = home AND h.urgency = 'emergency' AND c.basis IN ('given', 'high_risk_without_consent'))
    THEN
        INSERT INTO case_share (household_id, partnership_id, access, purpose, ends_at)
        SELECT h.id, o.partnership_id, 'work_on', 'navigator_scheme', 'infinity'
          FROM household h JOIN organisation o ON o.id = h.organisation_id WHERE h.id = home
            ON CONFLICT (household_id) WHERE ends_at = 'infinity' DO NOTHING;
    ELSE
        -- not now(): a navigator who closes the referral gets the answer of that request
        UPDATE case_share s SET ends_at = clock_timestamp() WHERE s.household_id = home AND s.ends_at = 'infinity';
    END IF;
END $$;
COMMENT ON FUNCTION settle_navigators IS
    'Shares a case with the navigators of its partnership while an emergency referral is open and its consent to be '
    'offered, or the high-risk route, stands.';

CREATE FUNCTION case_navigators() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM settle_navigators((to_jsonb(NEW) ->> TG_ARGV[0])::uuid);
    RETURN NULL;
END $$;
COMMENT ON FUNCTION case_navigators IS 'What decides whether the navigators see a case has changed.';

CREATE TRIGGER household_navigators AFTER UPDATE OF urgency ON household FOR EACH ROW
    WHEN (OLD.urgency IS DISTINCT FROM NEW.urgency) EXECUTE FUNCTION case_navigators('id');
CREATE TRIGGER referral_navigators AFTER INSERT OR UPDATE OF state ON referral FOR EACH ROW
    EXECUTE FUNCTION case_navigators('household_id');
CREATE TRIGGER consent_navigators AFTER INSERT ON consent FOR EACH ROW
    WHEN (NEW.purpose = 'share_with_providers') EXECUTE FUNCTION case_navigators('household_id');

CREATE FUNCTION settle_all_navigators() RETURNS void LANGUAGE sql AS $$
    SELECT settle_navigators(h.id) FROM household h WHERE h.closed_at IS NULL AND h.urgency = 'emergency'
$$;
COMMENT ON FUNCTION settle_all_navigators IS 'The same of all open cases, for rows that came in without the triggers.';
SELECT settle_all_navigators();

-- ---- taking a case over in an emergency ----

CREATE OR REPLACE FUNCTION break_glass(of_reference text, why text)
RETURNS TABLE (outcome opening_outcome, id uuid, household_id uuid, household_reference text, opened_at timestamptz,
               expires_at timestamptz)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
#variable_conflict use_column
DECLARE
    me uuid := audit.me('account')::uuid;
    mine uuid := audit.me('organisation')::uuid;
    home record;
    made break_glass;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('break_glass ' || me, 0));
    SELECT h.id, h.restricted INTO home FROM household h
     WHERE h.reference = of_reference AND h.organisation_id = ANY (audit.me('partners')::uuid[])
       AND h.erased_at IS NULL;
    IF NOT FOUND OR home.id = ANY (denied_cases()) THEN
        RETURN;
    ELSIF NOT case_hidden(home.id, me) AND works_on(home.id) THEN
        RETURN QUERY SELECT 'visible'::opening_outcome, NULL::uuid, NULL::uuid, NULL, NULL::timestamptz,
                            NULL::timestamptz;
        RETURN;
    END IF;
    INSERT INTO break_glass AS b (household_id, account_id, organisation_id, reason, restricted, expires_at)
    VALUES (home.id, me, mine, why, home.restricted,
            now() + CASE WHEN home.restricted THEN interval '60 minutes' ELSE interval '12 hours' END)
    RETURNING b.* INTO made;
    IF NOT home.restricted THEN
        INSERT INTO case_share (household_id, organisation_id, account_id, access, purpose, opening_id, given_by,
                                ends_at)
        VALUES (home.id, mine, me, 'work_on', 'emergency', made.id, me, made.expires_at);
    END IF;
    PERFORM raise_alert(CASE WHEN home.restricted THEN 'break_glass' ELSE 'case_taken' END, me, home.id, why);
    INSERT INTO audit.event (account_id, organisation_id, request_id, action, subject_kind, subject_id, household_id)
    VALUES (me, mine, audit.me('request'), 'break_glass', 'break_glass', made.id, home.id);
    RETURN QUERY SELECT CASE WHEN made.restricted THEN 'opened' ELSE 'taken' END::opening_outcome, made.id,
                        made.household_id, of_reference, made.opened_at, made.expires_at;
END $$;
COMMENT ON FUNCTION break_glass IS
    'Opens a case of the partnership to the caller: a restricted one for an hour, another organisation''s for twelve, '
    'to work on it. No row where there is no such case, or it is denied to the caller.';

DROP FUNCTION emergency_opening(uuid);
CREATE FUNCTION emergency_opening(one uuid)
RETURNS TABLE (id uuid, household_id uuid, household_reference text, account_id uuid, account text, organisation text,
               reason text, restricted boolean, opened_at timestamptz, expires_at timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 1 SET search_path = public, audit, pg_temp AS $$
BEGIN
    RETURN QUERY
    SELECT b.id, CASE WHEN b.account_id = audit.me('account')::uuid AND NOT case_hidden(h.id, b.account_id)
           THEN h.id END,
           CASE WHEN h.id <> ALL (denied_cases()) THEN h.reference END,
           b.account_id, a.display_name, o.name, b.reason, b.restricted, b.opened_at, b.expires_at
      FROM break_glass b JOIN household h ON h.id = b.household_id JOIN account a ON a.id = b.account_id
      JOIN organisation o ON o.id = b.organisation_id
     WHERE b.id = one
       AND (b.account_id = audit.me('account')::uuid
            OR administers() AND b.organisation_id = ANY (audit.me('partners')::uuid[]));
END $$;
COMMENT ON FUNCTION emergency_opening IS
    'A case that the caller opened, with its id while it is open; for an administrator one of the partnership.';
GRANT EXECUTE ON FUNCTION emergency_opening TO haven_app;

CREATE FUNCTION taken_because(share uuid) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
BEGIN
    RETURN (SELECT b.reason FROM case_share s JOIN break_glass b ON b.id = s.opening_id
             WHERE s.id = share AND case_is_ours(s.household_id));
END $$;
COMMENT ON FUNCTION taken_because IS
    'Why a person took a case of the caller''s organisation over; NULL of any other share.';
GRANT EXECUTE ON FUNCTION taken_because TO haven_app;

-- ---- repeats and duplicates ----
--
-- A repeat is found by the keyed hashes, not by what the caller knows. The caller is told of another organisation's
-- case that there is one, and of a denied or restricted case nothing.

CREATE TABLE referral_repeat (
    referral_id uuid PRIMARY KEY REFERENCES referral,
    found_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE referral_repeat IS
    'Referrals of people who were referred before, in this case or another of the partnership. Statistics count them; '
    'workers do not read them, because a row may rest on a case that nobody is to know of.';
COMMENT ON COLUMN referral_repeat.referral_id IS 'The later referral.';
COMMENT ON COLUMN referral_repeat.found_at IS 'When it was found.';
SELECT guard('referral_repeat', 'owner');

CREATE FUNCTION cases_of_same_people(home uuid) RETURNS TABLE (id uuid, organisation_id uuid, restricted boolean)
LANGUAGE sql STABLE AS $$
    SELECT DISTINCT h.id, h.organisation_id, h.restricted
      FROM person_index mine JOIN person_index i ON i.hash = mine.hash AND i.purpose = 'person'
      JOIN household h ON h.id = i.household_id JOIN household this ON this.id = home
     WHERE mine.household_id = home AND mine.purpose = 'person' AND h.id <> home AND h.erased_at IS NULL
       AND h.organisation_id = ANY (partners_of(this.organisation_id))
$$;
COMMENT ON FUNCTION cases_of_same_people IS
    'Other cases of the partnership that share a member with this case. A name alone never counts.';

CREATE FUNCTION find_repeat(home uuid) RETURNS void LANGUAGE sql AS $$
    INSERT INTO referral_repeat (referral_id)
    SELECT r.id FROM referral r
     WHERE r.household_id = home AND r.state <> 'closed'
       AND (r.earlier_id IS NOT NULL
            OR EXISTS (SELECT FROM cases_of_same_people(home) c JOIN referral e ON e.household_id = c.id
                        WHERE e.created_at < r.created_at))
        ON CONFLICT DO NOTHING
$$;
COMMENT ON FUNCTION find_repeat IS 'Notes whether the open referral of a case is a repeat.';

CREATE FUNCTION note_repeat() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM find_repeat(n.household_id) FROM (SELECT DISTINCT household_id FROM fresh) n;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION note_repeat IS 'A referral, or what its people are known by, is new.';

CREATE TRIGGER referral_repeats AFTER INSERT ON referral REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT
    EXECUTE FUNCTION note_repeat();
CREATE TRIGGER person_index_repeats AFTER INSERT ON person_index REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT
    EXECUTE FUNCTION note_repeat();

DROP FUNCTION same_people(uuid);
CREATE FUNCTION same_people(household uuid)
RETURNS TABLE (household_id uuid, reference text, referral_id uuid, organisation text, kind text, found uuid)
LANGUAGE plpgsql STABLE ROWS 2 SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
#variable_conflict use_column
DECLARE
    home uuid := CASE WHEN sees_cases() THEN seen_case(household) END;
BEGIN
    RETURN QUERY
    SELECT k.seen, CASE WHEN k.seen IS NOT NULL THEN h.reference END,
           CASE WHEN k.seen IS NOT NULL
                THEN (SELECT r.id FROM referral r WHERE r.household_id = h.id ORDER BY r.created_at DESC, r.id LIMIT 1)
           END, o.name, CASE WHEN h.closed_at IS NULL THEN 'duplicate' ELSE 'repeat' END, h.id
      FROM cases_of_same_people(home) c JOIN household h ON h.id = c.id JOIN organisation o ON o.id = h.organisation_id
     CROSS JOIN LATERAL (SELECT seen_case(h.id) AS seen) k
     WHERE h.id <> ALL (denied_cases()) AND (NOT h.restricted OR h.id = ANY (opened_cases()))
     ORDER BY h.closed_at DESC NULLS FIRST, h.reference LIMIT 5;
END $$;
COMMENT ON FUNCTION same_people IS
    'Other cases that share a member with this case: those that the caller sees by reference, of another '
    'organisation''s that there is one. found is for the trail, and not for the caller.';
GRANT EXECUTE ON FUNCTION same_people TO haven_app;

CREATE FUNCTION known_repeat(referral uuid) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
DECLARE
    home uuid := (SELECT seen_case(r.household_id) FROM referral r JOIN referral_repeat p ON p.referral_id = r.id
                   WHERE r.id = known_repeat.referral);
BEGIN
    RETURN home IS NOT NULL
       AND EXISTS (SELECT FROM cases_of_same_people(home) c JOIN referral e ON e.household_id = c.id
                     JOIN referral r ON r.id = known_repeat.referral
                    WHERE e.created_at < r.created_at AND c.id <> ALL (denied_cases())
                      AND (NOT c.restricted OR c.id = ANY (opened_cases())));
END $$;
COMMENT ON FUNCTION known_repeat IS
    'Whether a referral is the repeat of one in another case, as far as the caller may know of that case.';
GRANT EXECUTE ON FUNCTION known_repeat TO haven_app;

CREATE OR REPLACE VIEW referral_view WITH (security_invoker = true) AS
SELECT r.id, r.household_id, h.reference AS household_reference, r.organisation_id, r.state,
       r.earlier_id IS NOT NULL OR known_repeat(r.id) AS repeat, r.earlier_id AS earlier_referral_id, h.urgency,
       h.risk_level, r.source, r.out_of_hours, r.close_reason, utc(r.submitted_at) AS submitted_at,
       utc(k.due_at) AS decision_due_at, utc(k.decided_at) AS decided_at,
       k.decided_at IS NULL AND coalesce(k.due_at < now(), false) AS overdue,
       utc(r.triaged_at) AS triaged_at, to_json(r.plan_measures) AS plan_measures, r.plan_review_on,
       r.standing_search, utc(r.closed_at) AS closed_at, r.version, utc(r.created_at) AS created_at
  FROM referral r
  JOIN household h ON h.id = r.household_id
  JOIN referral_clock k ON k.referral_id = r.id;

CREATE OR REPLACE FUNCTION people_found(dated bytea, undated bytea)
RETURNS TABLE (household_id uuid, household_reference text, organisation text, open boolean, kind text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
    SELECT CASE WHEN own.yes THEN h.id END, CASE WHEN own.yes THEN h.reference END, o.name, h.closed_at IS NULL,
           CASE WHEN bool_or(i.hash = dated) THEN 'name_and_birth' ELSE 'name' END
      FROM person_index i JOIN household h ON h.id = i.household_id JOIN organisation o ON o.id = h.organisation_id
     CROSS JOIN LATERAL (SELECT case_seen(h.id) AS yes) own
     WHERE i.hash IN (dated, undated) AND i.purpose = 'link' AND i.member_id IS NOT NULL AND h.erased_at IS NULL
       AND h.organisation_id = ANY (audit.me('partners')::uuid[]) AND h.id <> ALL (denied_cases())
       AND (NOT h.restricted OR h.id = ANY (opened_cases()))
     GROUP BY h.id, own.yes, o.name
     ORDER BY bool_or(i.hash = dated) DESC NULLS LAST, own.yes DESC, h.closed_at DESC NULLS FIRST, h.id LIMIT 6
$$;
COMMENT ON FUNCTION people_found IS
    'Members of the partnership''s cases, never parties: cases that the caller sees by reference, and of another '
    'organisation only that there is one. Six rows at most: a sixth says that there are more.';

-- ---- the trail ----

-- The owner of a case learns that one of its people was found, also where the finder does not see the case.
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
           bool_or(e.value #>> '{detail,matching}' = '0')
      INTO t
      FROM jsonb_array_elements(items) WITH ORDINALITY i (item, ord)
     CROSS JOIN jsonb_array_elements(i.item -> 'events') e
      LEFT JOIN LATERAL (SELECT o.account_id, o.organisation_id FROM open_session o
                          WHERE o.token_hash = sha256(decode(i.item ->> 'token', 'hex')) LIMIT 1) s ON true;
    RETURN t;
END $$;
