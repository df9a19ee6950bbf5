-- Names compared as people mean them: by the name as it is, by a form without diacritics and order of the parts, and
-- by the name alone. What is only possibly the same counts like what is the same, until an administrator clears it.

-- ---- forms ----
--
-- A hash from before has no other form beside it: it goes on to be compared by the name as it was written, which is
-- the exact form of today for names in ASCII and for those in small letters. The name of a party was never kept.

ALTER TABLE person_index
    ADD COLUMN form text NOT NULL DEFAULT 'exact' CHECK (form IN ('exact', 'possible', 'name'));
COMMENT ON COLUMN person_index.form IS
    'exact: name and date of birth; possible: the name without diacritics and order of its parts, with the date; name: '
    'either without the date. Hashes of different forms are never equal.';

ALTER TABLE account_link
    ADD COLUMN form text NOT NULL DEFAULT 'exact' CHECK (form IN ('exact', 'possible', 'name'));
COMMENT ON COLUMN account_link.form IS 'As in person_index.';
CREATE INDEX account_link_hash ON account_link (hash);

ALTER TABLE property_party
    ADD COLUMN form text NOT NULL DEFAULT 'exact' CHECK (form IN ('exact', 'possible', 'name'));
COMMENT ON COLUMN property_party.form IS 'As in person_index.';

-- ---- cleared pairs ----

CREATE TABLE cleared_pair (
    id uuid NOT NULL DEFAULT gen_random_uuid(),
    household_id uuid NOT NULL REFERENCES household,
    hash bytea NOT NULL CHECK (length(hash) = 32),
    link_id uuid,
    property_id uuid REFERENCES property,
    cleared_by uuid NOT NULL REFERENCES account,
    cleared_at timestamptz NOT NULL DEFAULT now(),
    reason text NOT NULL CHECK (reason <> ''),
    PRIMARY KEY (id, hash),
    FOREIGN KEY (link_id, hash) REFERENCES account_link (id, hash),
    CONSTRAINT cleared_pair_one CHECK (num_nonnulls(link_id, property_id) = 1)
);
COMMENT ON TABLE cleared_pair IS
    'People in a case who are not the person that a declared link or a property names, although their names may be the '
    'same. The rows of one decision share their id.';
COMMENT ON COLUMN cleared_pair.id IS 'The decision.';
COMMENT ON COLUMN cleared_pair.household_id IS 'The case.';
COMMENT ON COLUMN cleared_pair.hash IS 'The hash that both sides have.';
COMMENT ON COLUMN cleared_pair.link_id IS 'The declaration.';
COMMENT ON COLUMN cleared_pair.property_id IS 'The property, where it is one of its people.';
COMMENT ON COLUMN cleared_pair.cleared_by IS 'The administrator who decided; never the person who declared the link.';
COMMENT ON COLUMN cleared_pair.cleared_at IS 'When. People who came into the case later are not cleared.';
COMMENT ON COLUMN cleared_pair.reason IS 'Why they are two people.';
CREATE INDEX cleared_pair_household ON cleared_pair (household_id);
SELECT guard('cleared_pair', 'owner', erase => 'rows', untold => '{hash,reason}', recorded => true);
CREATE TRIGGER cleared_pair_hides AFTER INSERT OR UPDATE OR DELETE ON cleared_pair FOR EACH STATEMENT
    EXECUTE FUNCTION forget_cases();

CREATE FUNCTION pair_cleared(i person_index, link uuid, property uuid) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM cleared_pair c
                    WHERE c.household_id = i.household_id AND c.hash = i.hash AND c.cleared_at >= i.created_at
                      AND (c.link_id = link OR c.property_id = property))
$$;
COMMENT ON FUNCTION pair_cleared IS
    'Whether somebody decided that a person in a case is not the person of the declaration, or of the property.';

CREATE VIEW linked_case WITH (security_invoker = true) AS
SELECT l.account_id, l.id AS link_id, i.household_id, l.hash, i.form <> 'exact' OR l.form <> 'exact' AS possible
  FROM account_link l JOIN person_index i ON i.hash = l.hash
 WHERE l.ended_at IS NULL AND NOT pair_cleared(i, l.id, NULL);
COMMENT ON VIEW linked_case IS
    'Cases with a person to whom somebody declared a link, for functions of the owner: possible where name or date of '
    'birth is not surely the same.';

CREATE VIEW linked_property WITH (security_invoker = true) AS
SELECT pp.property_id, i.household_id, pp.hash, pp.link, i.form <> 'exact' OR pp.form <> 'exact' AS possible
  FROM property_party pp JOIN person_index i ON i.hash = pp.hash
 WHERE NOT pair_cleared(i, NULL, pp.property_id);
COMMENT ON VIEW linked_property IS 'The same for people of properties.';

-- ---- who may see and write a case ----

CREATE OR REPLACE FUNCTION cases_hidden(households uuid[], accounts uuid[]) RETURNS boolean[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    RETURN ARRAY(
        SELECT h.erased_at IS NOT NULL
               OR EXISTS (SELECT FROM case_access x
                           WHERE x.household_id = o.household AND x.account_id = o.account AND x.access = 'deny')
               OR EXISTS (SELECT FROM linked_case l WHERE l.account_id = o.account AND l.household_id = o.household)
               OR CASE WHEN h.id IS NULL THEN NULL
                       WHEN a.role = 'provider' THEN false
                       -- an administrator reads no case, and keeps the trail and the alerts of the partnership
                       WHEN NOT h.restricted AND (h.organisation_id = a.organisation_id OR a.role = 'administrator')
                           THEN false
                       WHEN opened_to(o.household, o.account) THEN false
                       ELSE h.restricted OR NOT EXISTS (SELECT FROM open_shares(o.household, o.account)) END
          FROM unnest(households, accounts) WITH ORDINALITY o (household, account, n)
          LEFT JOIN household h ON h.id = o.household
          LEFT JOIN account a ON a.id = o.account
         ORDER BY o.n);
END $$;

CREATE OR REPLACE FUNCTION know_cases() RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
DECLARE
    me uuid := audit.me('account')::uuid;
    opened uuid[];
BEGIN
    IF audit.me('denied') IS NULL THEN
        opened := ARRAY(
            SELECT h.id FROM household h
             WHERE h.id IN (SELECT a.household_id FROM case_access a WHERE a.account_id = me AND a.access = 'allow'
                             UNION
                            SELECT b.household_id FROM break_glass b
                             WHERE b.account_id = me AND b.expires_at > now() AND b.restricted)
               AND is_partner(h.organisation_id));
        PERFORM set_config('haven.denied', ARRAY(
                    SELECT a.household_id FROM case_access a WHERE a.account_id = me AND a.access = 'deny'
                     UNION
                    SELECT l.household_id FROM linked_case l WHERE l.account_id = me)::text, true),
                set_config('haven.opened', opened::text, true),
                set_config('haven.shared', (opened || ARRAY(SELECT * FROM shared_with(me)))::text, true);
    END IF;
    RETURN true;
END $$;

DROP FUNCTION declare_link(bytea[], text);
CREATE FUNCTION declare_link(hashes jsonb, relationship text) RETURNS TABLE (id uuid, alert text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
#variable_conflict use_column
DECLARE
    me uuid := audit.me('account')::uuid;
    made uuid := gen_random_uuid();
    lately integer;
BEGIN
    INSERT INTO account_link (id, account_id, hash, form, relationship)
    SELECT made, me, decode(h.hash, 'hex'), h.form, declare_link.relationship
      FROM jsonb_to_recordset(hashes) AS h (hash text, form text);
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

-- A link has a row for each of its hashes, at most four: so four times as many rows are read as are wanted.
CREATE OR REPLACE FUNCTION newest_links(most integer, before_at timestamptz, before_id uuid)
RETURNS TABLE (id uuid, declared_at timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
BEGIN
    RETURN QUERY
    SELECT DISTINCT l.id, l.declared_at
      FROM account a
     CROSS JOIN LATERAL (SELECT k.id, k.declared_at FROM account_link k
                          WHERE k.account_id = a.id
                            AND (before_at IS NULL OR (k.declared_at, k.id) < (before_at, before_id))
                          ORDER BY k.declared_at DESC, k.id DESC LIMIT 4 * most) l
     WHERE CASE WHEN administers() THEN a.organisation_id = ANY (audit.me('partners')::uuid[])
                ELSE a.id = audit.me('account')::uuid END
     ORDER BY l.declared_at DESC, l.id DESC LIMIT most;
END $$;

-- ---- the same person twice in a household ----

CREATE FUNCTION refuse_member_twice() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    -- of a member who was renamed the newest name counts
    IF NEW.purpose = 'person' AND NEW.form = 'exact'
        AND EXISTS (SELECT FROM person_index i JOIN member m ON m.id = i.member_id AND m.ended_at IS NULL
                     WHERE i.household_id = NEW.household_id AND i.hash = NEW.hash AND i.member_id <> NEW.member_id
                       AND NOT EXISTS (SELECT FROM person_index n
                                        WHERE n.member_id = i.member_id AND n.purpose = 'person'
                                          AND n.household_id = i.household_id AND n.created_at > i.created_at)) THEN
        RAISE EXCEPTION 'a member twice' USING ERRCODE = 'check_violation', CONSTRAINT = 'person_index_member_once';
    END IF;
    RETURN NEW;
END $$;
COMMENT ON FUNCTION refuse_member_twice IS
    'One person is one member of a household: the same name with the same date of birth is refused.';
CREATE TRIGGER person_index_member_once BEFORE INSERT ON person_index FOR EACH ROW
    EXECUTE FUNCTION refuse_member_twice();

-- ---- conflicts of places ----

CREATE OR REPLACE FUNCTION linked_parties(household uuid, of_property uuid) RETURNS SETOF property_party
LANGUAGE sql STABLE AS $$
    SELECT pp.* FROM person_index i JOIN property_party pp ON pp.hash = i.hash
     WHERE i.household_id = household AND pp.property_id = of_property AND NOT pair_cleared(i, NULL, pp.property_id)
$$;
COMMENT ON FUNCTION linked_parties IS
    'People who are linked to the property and are, or may be, in the case (equal keyed hashes, not cleared).';

CREATE OR REPLACE VIEW board_household WITH (security_invoker = true) AS
SELECT h.id, h.version, h.reference, h.organisation_id, o.partnership_id, h.situation, h.urgency, h.band, h.risk_level,
       h.pregnant,
       h.nrpf, CASE WHEN h.nrpf_funded_until >= today() THEN h.nrpf_funded_until END AS nrpf_funded_until,
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
       -- step by step from the household's few people: any other order reads all units for each household
       (SELECT string_agg(DISTINCT v.id::text, ';')
          FROM (SELECT hash, person_index AS one FROM person_index WHERE household_id = h.id OFFSET 0) i
         CROSS JOIN LATERAL (SELECT property_id FROM property_party
                              WHERE hash = i.hash AND NOT pair_cleared(i.one, NULL, property_id) OFFSET 0) pp
         CROSS JOIN LATERAL (SELECT id FROM unit WHERE property_id = pp.property_id OFFSET 0) u
          JOIN vacancy v ON v.unit_id = u.id AND v.withdrawn_at IS NULL AND v.taken_at IS NULL) AS conflicts,
       h.unsafe_none_said_by
  FROM household h JOIN organisation o ON o.id = h.organisation_id
 WHERE h.closed_at IS NULL AND h.waiting_since IS NOT NULL
   AND NOT EXISTS (SELECT FROM placement p WHERE p.household_id = h.id AND p.state IN ('accepted', 'arrived'));

-- ---- clearing ----

CREATE DOMAIN clearing_outcome AS text CHECK (VALUE IN ('cleared', 'none', 'own', 'exact'));
COMMENT ON DOMAIN clearing_outcome IS 'What clearing a possible conflict comes to.';

CREATE VIEW conflict_pair WITH (security_invoker = true) AS
SELECT household_id, link_id, NULL::uuid AS property_id, hash, possible FROM linked_case
 UNION ALL
SELECT household_id, NULL, property_id, hash, possible FROM linked_property;
COMMENT ON VIEW conflict_pair IS 'Conflicts of either kind that stand, a row for each equal hash.';

CREATE FUNCTION clear_pair(of_case text, link uuid, property uuid, why text)
RETURNS TABLE (outcome clearing_outcome, id uuid)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
DECLARE
    me uuid := audit.caller();
    partners uuid[] := audit.me('partners')::uuid[];
    made uuid := gen_random_uuid();
    home uuid := (SELECT h.id FROM household h
                   WHERE h.reference = of_case AND administers() AND h.organisation_id = ANY (partners)
                     AND NOT case_hidden(h.id, me));
BEGIN
    IF EXISTS (SELECT FROM account_link l WHERE l.id = link AND l.account_id = me) THEN
        RETURN QUERY SELECT 'own'::clearing_outcome, NULL::uuid;
        RETURN;
    END IF;
    SELECT CASE WHEN NOT bool_and(p.possible) THEN 'exact' WHEN count(*) > 0 THEN 'cleared' ELSE 'none' END INTO outcome
      FROM conflict_pair p
     WHERE p.household_id = home AND (p.link_id = link OR p.property_id = property)
       AND (EXISTS (SELECT FROM account_link l JOIN account a ON a.id = l.account_id
                     WHERE l.id = link AND a.organisation_id = ANY (partners))
            OR EXISTS (SELECT FROM property x WHERE x.id = property AND x.organisation_id = ANY (partners)));
    IF outcome = 'cleared' THEN
        INSERT INTO cleared_pair (id, household_id, hash, link_id, property_id, cleared_by, reason)
        SELECT DISTINCT made, home, p.hash, link, property, me, why FROM conflict_pair p
         WHERE p.household_id = home AND (p.link_id = link OR p.property_id = property);
        INSERT INTO change_log (kind, id) VALUES ('household', home);
    END IF;
    RETURN QUERY SELECT outcome, made;
END $$;
COMMENT ON FUNCTION clear_pair IS
    'An administrator decides that a person in a case is not the one whom a declaration, or a property, names. Not of '
    'their own declaration, and not where name and date of birth are the same.';
GRANT EXECUTE ON FUNCTION clear_pair TO haven_app;

CREATE FUNCTION possible_conflicts(most integer, after text)
RETURNS TABLE (household_reference text, declaration_id uuid, account text, relationship text, property_id uuid,
               property text, provider text, place text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
DECLARE
    partners uuid[] := audit.me('partners')::uuid[];
BEGIN
    RETURN QUERY
    SELECT h.reference, p.link_id, a.display_name, l.relationship::text, p.property_id, x.public_name, o.name, k.place
      FROM (SELECT c.household_id, c.link_id, c.property_id FROM conflict_pair c
             GROUP BY c.household_id, c.link_id, c.property_id HAVING bool_and(c.possible)) p
      JOIN household h ON h.id = p.household_id
     CROSS JOIN LATERAL (SELECT h.reference || '|' || coalesce(p.link_id, p.property_id)) k (place)
      LEFT JOIN LATERAL (SELECT d.* FROM account_link d WHERE d.id = p.link_id LIMIT 1) l ON true
      LEFT JOIN account a ON a.id = l.account_id
      LEFT JOIN property x ON x.id = p.property_id
      LEFT JOIN organisation o ON o.id = x.organisation_id
     WHERE administers() AND h.closed_at IS NULL AND h.organisation_id = ANY (partners)
       AND coalesce(a.organisation_id, x.organisation_id) = ANY (partners)
       AND a.id IS DISTINCT FROM audit.me('account')::uuid AND NOT case_hidden(h.id, audit.me('account')::uuid)
       AND (after IS NULL OR k.place > after)
     ORDER BY k.place LIMIT most;
END $$;
COMMENT ON FUNCTION possible_conflicts IS
    'Conflicts of the open cases of an administrator''s partnership that rest on a similar name, or on a name alone, '
    'in the order of the cases. The administrator''s own declarations are left out.';
GRANT EXECUTE ON FUNCTION possible_conflicts TO haven_app;

CREATE FUNCTION cleared_pairs(most integer, before text, one uuid DEFAULT NULL)
RETURNS TABLE (id uuid, household_reference text, declaration_id uuid, property_id uuid, cleared_by text,
               cleared_at timestamptz, reason text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
BEGIN
    RETURN QUERY
    SELECT c.id, h.reference, c.link_id, c.property_id, a.display_name, c.cleared_at, c.reason
      FROM (SELECT DISTINCT ON (x.id) x.* FROM cleared_pair x WHERE one IS NULL OR x.id = one ORDER BY x.id) c
      JOIN household h ON h.id = c.household_id
      JOIN account a ON a.id = c.cleared_by
     WHERE administers() AND h.organisation_id = ANY (audit.me('partners')::uuid[])
       AND NOT case_hidden(h.id, audit.me('account')::uuid)
       AND (before IS NULL
            OR (c.cleared_at, c.id) < (split_part(before, '|', 1)::timestamptz, split_part(before, '|', 2)::uuid))
     ORDER BY c.cleared_at DESC, c.id DESC LIMIT most;
END $$;
COMMENT ON FUNCTION cleared_pairs IS
    'What administrators of the partnership cleared, the newest first; or the one decision.';
GRANT EXECUTE ON FUNCTION cleared_pairs TO haven_app;

-- ---- duplicates, repeats, searches ----

DROP FUNCTION cases_of_same_people(uuid);
CREATE FUNCTION cases_of_same_people(home uuid)
RETURNS TABLE (id uuid, organisation_id uuid, restricted boolean, exact boolean) LANGUAGE sql STABLE AS $$
    SELECT h.id, h.organisation_id, h.restricted, bool_or(i.form = 'exact')
      FROM person_index mine JOIN person_index i ON i.hash = mine.hash AND i.purpose = 'person'
      JOIN household h ON h.id = i.household_id JOIN household this ON this.id = home
     WHERE mine.household_id = home AND mine.purpose = 'person' AND h.id <> home AND h.erased_at IS NULL
       AND h.organisation_id = ANY (partners_of(this.organisation_id))
     GROUP BY h.id
$$;
COMMENT ON FUNCTION cases_of_same_people IS
    'Other cases of the partnership that share a member with this case; not exact: a member whose name is similar and '
    'whose date of birth is the same. A name alone never counts.';

-- What is only possible is a question to the case worker. Statistics count what is sure.
CREATE OR REPLACE FUNCTION find_repeat(home uuid) RETURNS void LANGUAGE sql AS $$
    INSERT INTO referral_repeat (referral_id)
    SELECT r.id FROM referral r
     WHERE r.household_id = home AND r.state <> 'closed'
       AND (r.earlier_id IS NOT NULL
            OR EXISTS (SELECT FROM cases_of_same_people(home) c JOIN referral e ON e.household_id = c.id
                        WHERE c.exact AND e.created_at < r.created_at))
        ON CONFLICT DO NOTHING
$$;

DROP FUNCTION same_people(uuid);
CREATE FUNCTION same_people(household uuid)
RETURNS TABLE (household_id uuid, reference text, referral_id uuid, organisation text, kind text, match text,
               found uuid)
LANGUAGE plpgsql STABLE ROWS 2 SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
#variable_conflict use_column
DECLARE
    home uuid := CASE WHEN sees_cases() THEN seen_case(household) END;
BEGIN
    RETURN QUERY
    SELECT k.seen, CASE WHEN k.seen IS NOT NULL THEN h.reference END,
           CASE WHEN k.seen IS NOT NULL
                THEN (SELECT r.id FROM referral r WHERE r.household_id = h.id ORDER BY r.created_at DESC, r.id LIMIT 1)
           END, o.name, CASE WHEN h.closed_at IS NULL THEN 'duplicate' ELSE 'repeat' END,
           CASE WHEN c.exact THEN 'exact' ELSE 'possible' END, h.id
      FROM cases_of_same_people(home) c JOIN household h ON h.id = c.id JOIN organisation o ON o.id = h.organisation_id
     CROSS JOIN LATERAL (SELECT seen_case(h.id) AS seen) k
     WHERE h.id <> ALL (denied_cases()) AND (NOT h.restricted OR h.id = ANY (opened_cases()))
     ORDER BY c.exact DESC, h.closed_at DESC NULLS FIRST, h.reference LIMIT 5;
END $$;
COMMENT ON FUNCTION same_people IS
    'Other cases that share a member with this case, or possibly do: those that the caller sees by reference, of '
    'another organisation''s that there is one. found is for the trail, and not for the caller.';
GRANT EXECUTE ON FUNCTION same_people TO haven_app;

CREATE OR REPLACE FUNCTION known_repeat(referral uuid) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
DECLARE
    home uuid := (SELECT seen_case(r.household_id) FROM referral r JOIN referral_repeat p ON p.referral_id = r.id
                   WHERE r.id = known_repeat.referral);
BEGIN
    RETURN home IS NOT NULL
       AND EXISTS (SELECT FROM cases_of_same_people(home) c JOIN referral e ON e.household_id = c.id
                     JOIN referral r ON r.id = known_repeat.referral
                    WHERE c.exact AND e.created_at < r.created_at AND c.id <> ALL (denied_cases())
                      AND (NOT c.restricted OR c.id = ANY (opened_cases())));
END $$;

DROP FUNCTION people_found(bytea, bytea);
CREATE FUNCTION people_found(hashes jsonb)
RETURNS TABLE (household_id uuid, household_reference text, organisation text, open boolean, kind text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
    SELECT CASE WHEN own.yes THEN h.id END, CASE WHEN own.yes THEN h.reference END, o.name, h.closed_at IS NULL,
           ('{name_and_birth,similar_name_and_birth,name}'::text[])[min(s.rank)]
      FROM (SELECT decode(j.hash, 'hex') AS hash, array_position('{exact,possible,name}'::text[], j.form) AS rank
              FROM jsonb_to_recordset(hashes) AS j (hash text, form text)) s
      JOIN person_index i ON i.hash = s.hash AND i.purpose = 'link' AND i.member_id IS NOT NULL
      JOIN household h ON h.id = i.household_id JOIN organisation o ON o.id = h.organisation_id
     CROSS JOIN LATERAL (SELECT case_seen(h.id) AS yes) own
     WHERE h.erased_at IS NULL
       AND h.organisation_id = ANY (audit.me('partners')::uuid[]) AND h.id <> ALL (denied_cases())
       AND (NOT h.restricted OR h.id = ANY (opened_cases()))
     GROUP BY h.id, own.yes, o.name
     ORDER BY min(s.rank), own.yes DESC, h.closed_at DESC NULLS FIRST, h.id LIMIT 6
$$;
COMMENT ON FUNCTION people_found IS
    'Members of the partnership''s cases, never parties: cases that the caller sees by reference, and of another '
    'organisation only that there is one. Six rows at most: a sixth says that there are more.';

DROP FUNCTION person_search(bytea, bytea, uuid, jsonb, integer);
CREATE FUNCTION person_search(hashes jsonb, referral uuid, why jsonb, budget integer)
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
        SELECT coalesce(jsonb_agg(to_jsonb(p)), '[]') INTO rows FROM people_found(hashes) p;
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
