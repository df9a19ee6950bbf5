-- Whose a case is: the organisation's that took it. The rest of the partnership sees it only by a share, which the
-- owning organisation gives, which is made by itself for the navigators while an emergency referral is open, or
-- which a person takes in an emergency. Deny beats allow, allow beats share, share beats role.
--
-- The list of waiting households (candidates for a vacancy, planning) still counts every household of the
-- partnership, without identity.

CREATE DOMAIN share_access AS text CHECK (VALUE IN ('read', 'work_on'));
COMMENT ON DOMAIN share_access IS 'What a share allows.';

CREATE DOMAIN share_purpose AS text CHECK (VALUE IN ('placing', 'joint_work', 'cover', 'handover', 'safeguarding',
    'marac', 'navigator_scheme', 'emergency'));
COMMENT ON DOMAIN share_purpose IS 'Why a case is shared; the service itself sets the last two.';

CREATE DOMAIN share_outcome AS text CHECK (VALUE IN ('done', 'none', 'not_listed', 'no_receiver', 'own', 'over'));
COMMENT ON DOMAIN share_outcome IS 'What giving or ending a share comes to.';

ALTER DOMAIN alert_kind DROP CONSTRAINT alert_kind_check;
ALTER DOMAIN alert_kind ADD CONSTRAINT alert_kind_check CHECK (VALUE IN ('break_glass', 'search_budget',
    'area_probing', 'person_search', 'conflict_probing', 'reveal_budget', 'access_list', 'case_taken'));
ALTER DOMAIN hold_outcome DROP CONSTRAINT hold_outcome_check;
ALTER DOMAIN hold_outcome ADD CONSTRAINT hold_outcome_check CHECK (VALUE IN ('held', 'no_household', 'read_only',
    'no_vacancy', 'minutes', 'not_open', 'not_free_yet', 'changed', 'not_suitable', 'residents_sex', 'capacity',
    'outside_period', 'household_placed', 'household_draft', 'household_closed'));
ALTER DOMAIN opening_outcome DROP CONSTRAINT opening_outcome_check;
ALTER DOMAIN opening_outcome ADD CONSTRAINT opening_outcome_check CHECK (VALUE IN ('opened', 'taken', 'visible'));

-- ---- referrals and placements belong to the organisation whose case it is ----

ALTER TABLE household ADD CONSTRAINT household_owned UNIQUE (id, organisation_id);
UPDATE referral r SET organisation_id = h.organisation_id FROM household h
 WHERE h.id = r.household_id AND h.organisation_id <> r.organisation_id;
ALTER TABLE referral ADD CONSTRAINT referral_owned FOREIGN KEY (household_id, organisation_id)
    REFERENCES household (id, organisation_id) ON UPDATE CASCADE;
COMMENT ON COLUMN referral.organisation_id IS 'The organisation whose case it is.';
UPDATE placement p SET requested_by = h.organisation_id FROM household h
 WHERE h.id = p.household_id AND h.organisation_id <> p.requested_by;
ALTER TABLE placement ADD CONSTRAINT placement_owned FOREIGN KEY (household_id, requested_by)
    REFERENCES household (id, organisation_id) ON UPDATE CASCADE;
COMMENT ON COLUMN placement.requested_by IS
    'The organisation whose case it is; the holder may be of another, with which the case is shared.';
CREATE INDEX placement_asked ON placement (requested_by, held_at, id);
CREATE INDEX placement_asked_state ON placement (requested_by, state, held_at, id);

-- ---- shares ----

ALTER TABLE break_glass ADD COLUMN restricted boolean NOT NULL DEFAULT true;
ALTER TABLE break_glass DROP CONSTRAINT break_glass_check;
ALTER TABLE break_glass ADD CONSTRAINT break_glass_hours CHECK (expires_at <= opened_at
    + CASE WHEN restricted THEN interval '60 minutes' ELSE interval '12 hours' END);
COMMENT ON TABLE break_glass IS
    'Cases that a person opened in an emergency: a restricted one for 60 minutes, another organisation''s for 12 '
    'hours. With an alert at once and a review on the next working day. A denied person cannot.';
COMMENT ON COLUMN break_glass.restricted IS
    'Whether the case was restricted; else it was another organisation''s, and the opening made a share.';

CREATE TABLE case_share (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    household_id uuid NOT NULL REFERENCES household,
    organisation_id uuid REFERENCES organisation,
    account_id uuid REFERENCES account,
    partnership_id uuid REFERENCES partnership,
    access share_access NOT NULL,
    purpose share_purpose NOT NULL,
    opening_id uuid REFERENCES break_glass,
    given_by uuid REFERENCES account,
    given_at timestamptz NOT NULL DEFAULT now(),
    ends_at timestamptz NOT NULL,
    ended_by uuid REFERENCES account,
    CONSTRAINT case_share_receiver CHECK (num_nonnulls(organisation_id, partnership_id) = 1
        AND (partnership_id IS NOT NULL) = (purpose = 'navigator_scheme')
        AND (account_id IS NULL OR organisation_id IS NOT NULL)),
    CONSTRAINT case_share_opening CHECK ((opening_id IS NOT NULL) = (purpose = 'emergency')),
    CONSTRAINT case_share_end CHECK (ends_at >= given_at)
);
COMMENT ON TABLE case_share IS
    'Cases that people outside the owning organisation may see for a while. Rows are never deleted but by an erasure: '
    'those that are over say who saw what when.';
COMMENT ON COLUMN case_share.id IS 'Identity.';
COMMENT ON COLUMN case_share.household_id IS 'The case.';
COMMENT ON COLUMN case_share.organisation_id IS 'The organisation that it is shared with, or whose person it is.';
COMMENT ON COLUMN case_share.account_id IS 'The person, as long as they work there; NULL for the whole organisation.';
COMMENT ON COLUMN case_share.partnership_id IS 'Of the navigator scheme: the partnership whose navigators see it.';
COMMENT ON COLUMN case_share.access IS 'To read it, or to work on it.';
COMMENT ON COLUMN case_share.purpose IS 'Why.';
COMMENT ON COLUMN case_share.opening_id IS 'The emergency in which the person took it.';
COMMENT ON COLUMN case_share.given_by IS 'The person who gave it; of an emergency, who took it; NULL: made by itself.';
COMMENT ON COLUMN case_share.given_at IS 'From when on.';
COMMENT ON COLUMN case_share.ends_at IS 'When it ends or ended; infinity: with the emergency referral.';
COMMENT ON COLUMN case_share.ended_by IS 'The person who ended it before its time.';
CREATE INDEX case_share_household ON case_share (household_id, ends_at);
CREATE INDEX case_share_organisation ON case_share (organisation_id, ends_at);
CREATE INDEX case_share_navigators ON case_share (partnership_id, ends_at) WHERE partnership_id IS NOT NULL;
CREATE INDEX case_share_taken ON case_share (ends_at) WHERE opening_id IS NOT NULL;
CREATE UNIQUE INDEX case_share_navigators_once ON case_share (household_id) WHERE ends_at = 'infinity';
-- Workers write none: the functions below do.
SELECT guard('case_share', 'alone', erase => 'rows');
CREATE TRIGGER case_share_hides AFTER INSERT OR UPDATE OR DELETE ON case_share FOR EACH STATEMENT
    EXECUTE FUNCTION forget_cases();

CREATE FUNCTION open_shares(household uuid, account uuid) RETURNS SETOF case_share LANGUAGE sql STABLE AS $$
    SELECT s.* FROM case_share s JOIN account a ON a.id = account JOIN organisation o ON o.id = a.organisation_id
     WHERE s.household_id = household AND s.ends_at > now()
       AND (s.organisation_id = a.organisation_id AND coalesce(s.account_id = a.id, true)
            OR s.partnership_id = o.partnership_id AND a.role = 'navigator')
$$;
COMMENT ON FUNCTION open_shares IS 'The shares by which a person sees a case of another organisation.';

CREATE FUNCTION shared_with(account uuid) RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
    SELECT s.household_id FROM account a JOIN case_share s ON s.organisation_id = a.organisation_id
     WHERE a.id = account AND s.ends_at > now() AND coalesce(s.account_id = a.id, true)
     UNION
    SELECT s.household_id FROM account a JOIN organisation o ON o.id = a.organisation_id
      JOIN case_share s ON s.partnership_id = o.partnership_id
     WHERE a.id = account AND a.role = 'navigator' AND s.ends_at > now()
$$;
COMMENT ON FUNCTION shared_with IS 'The cases that are shared with a person.';

-- ---- the rule ----

CREATE FUNCTION opened_to(household uuid, account uuid) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM case_access x
                    WHERE x.household_id = household AND x.account_id = account AND x.access = 'allow')
        OR EXISTS (SELECT FROM break_glass b
                    WHERE b.account_id = account AND b.expires_at > now() AND b.household_id = household
                      AND b.restricted)
$$;
COMMENT ON FUNCTION opened_to IS
    'Whether a person is on the list of a restricted case, or opened it in an emergency.';

CREATE OR REPLACE FUNCTION cases_hidden(households uuid[], accounts uuid[]) RETURNS boolean[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    RETURN ARRAY(
        SELECT h.erased_at IS NOT NULL
               OR EXISTS (SELECT FROM case_access x
                           WHERE x.household_id = o.household AND x.account_id = o.account AND x.access = 'deny')
               OR EXISTS (SELECT FROM account_link l JOIN person_index i ON i.hash = l.hash
                           WHERE l.account_id = o.account AND l.ended_at IS NULL AND i.household_id = o.household)
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

CREATE FUNCTION case_worked(household uuid, account uuid) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    RETURN NOT case_hidden(household, account)
       AND EXISTS (SELECT FROM household h JOIN account a ON a.id = account
                    WHERE h.id = household
                      AND (h.organisation_id = a.organisation_id OR opened_to(household, account)
                           OR EXISTS (SELECT FROM open_shares(household, account) s WHERE s.access = 'work_on')));
END $$;
COMMENT ON FUNCTION case_worked IS
    'Whether a case is this person''s to work on, if their role works on cases: of their organisation, opened to them, '
    'or shared to be worked on.';

CREATE FUNCTION works_on(household uuid) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
BEGIN
    RETURN coalesce(sees_cases(), false) AND case_worked(household, audit.me('account')::uuid);
END $$;
COMMENT ON FUNCTION works_on IS 'Whether the caller may change the case, and act for it on the places held for it.';
GRANT EXECUTE ON FUNCTION works_on TO haven_app;

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
                    SELECT i.household_id FROM account_link l JOIN person_index i ON i.hash = l.hash
                     WHERE l.account_id = me AND l.ended_at IS NULL)::text, true),
                set_config('haven.opened', opened::text, true),
                set_config('haven.shared', (opened || ARRAY(SELECT * FROM shared_with(me)))::text, true);
    END IF;
    RETURN true;
END $$;
COMMENT ON FUNCTION know_cases IS 'Works out the caller''s denied, opened and shared cases, once a transaction; true.';

CREATE FUNCTION shared_cases() RETURNS uuid[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
BEGIN
    PERFORM know_cases();
    RETURN audit.me('shared')::uuid[];
END $$;
COMMENT ON FUNCTION shared_cases IS
    'Cases that the caller sees, unless they are denied or restricted, although another organisation took them.';
GRANT EXECUTE ON FUNCTION shared_cases TO haven_app;

CREATE OR REPLACE FUNCTION case_seen(household uuid) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
DECLARE
    known boolean := know_cases();
    denied uuid[] := audit.me('denied')::uuid[];
    opened uuid[] := audit.me('opened')::uuid[];
    shared uuid[] := audit.me('shared')::uuid[];
    mine uuid := my_organisation();
BEGIN
    RETURN known AND EXISTS (SELECT FROM household h
                              WHERE h.id = household AND h.erased_at IS NULL
                                AND (h.organisation_id = mine OR h.id = ANY (shared))
                                AND h.id <> ALL (denied) AND (NOT h.restricted OR h.id = ANY (opened)));
END $$;

-- What the lists of waiting households leave out altogether: those that are not even to be counted.
CREATE FUNCTION withheld_cases() RETURNS SETOF uuid
LANGUAGE plpgsql STABLE ROWS 10 SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT unnest(denied_cases());
    RETURN QUERY SELECT h.id FROM household h
                  WHERE h.restricted AND h.organisation_id = ANY (audit.me('partners')::uuid[])
                    AND audit.me('role') <> 'provider'
                    AND h.id <> ALL (opened_cases());
END $$;
COMMENT ON FUNCTION withheld_cases IS
    'Cases of the partnership of which the caller is not to know that they are there, because they are denied or '
    'restricted to others; a case may appear twice.';
GRANT EXECUTE ON FUNCTION withheld_cases TO haven_app;

CREATE OR REPLACE FUNCTION may_write_case(household uuid) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
BEGIN
    RETURN audit.proven() AND works_on(household)
       AND EXISTS (SELECT FROM household h WHERE h.id = household AND is_partner(h.organisation_id));
END $$;

CREATE OR REPLACE FUNCTION lock_case(household uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
BEGIN
    IF case_seen(household) THEN
        PERFORM FROM household h WHERE h.id = household FOR NO KEY UPDATE;
        PERFORM set_config('haven.denied', '', true), set_config('haven.opened', '', true);
        IF case_seen(household) AND NOT works_on(household) THEN
            RAISE EXCEPTION 'shared to be read' USING ERRCODE = 'HV403';
        END IF;
    END IF;
END $$;
COMMENT ON FUNCTION lock_case IS
    'The first statement of every change of a case: locks the case where the caller sees it, and forgets which cases '
    'the caller sees, so that this is asked again under the lock. HV403 where the caller may read it and no more.';

-- ---- row security ----

DROP POLICY cases ON household;
DROP POLICY cases_changed ON household;
CREATE POLICY cases ON household FOR SELECT TO haven_app
    USING ((SELECT sees_cases())
           AND (organisation_id = (SELECT my_organisation()) OR id = ANY ((SELECT shared_cases())::uuid[]))
           AND id <> ALL ((SELECT denied_cases())::uuid[])
           AND (NOT restricted OR id = ANY ((SELECT opened_cases())::uuid[])));
CREATE POLICY cases_changed ON household FOR UPDATE TO haven_app
    USING ((SELECT sees_cases())
           AND (organisation_id = (SELECT my_organisation()) OR id = ANY ((SELECT shared_cases())::uuid[]))
           AND id <> ALL ((SELECT denied_cases())::uuid[])
           AND (NOT restricted OR id = ANY ((SELECT opened_cases())::uuid[])));

-- Who shares what with whom is for the owning organisation.
CREATE POLICY cases ON case_share FOR SELECT TO haven_app
    USING ((SELECT sees_cases()) AND case_is_ours(household_id));

DROP POLICY cases ON referral;
CREATE POLICY cases ON referral TO haven_app
    USING ((SELECT sees_cases())
           AND (organisation_id = (SELECT my_organisation()) OR household_id = ANY ((SELECT shared_cases())::uuid[]))
           AND household_id NOT IN (SELECT withheld_cases()));

DROP POLICY cases ON unmet_need;
CREATE POLICY cases ON unmet_need FOR SELECT TO haven_app
    USING ((SELECT counts_needs()) AND case_seen(household_id));

DROP POLICY partners ON placement;
DROP POLICY offered ON placement;
CREATE POLICY partners ON placement TO haven_app
    USING ((SELECT sees_placements()) AND NOT (SELECT is_provider())
           AND (requested_by = (SELECT my_organisation()) OR household_id = ANY ((SELECT shared_cases())::uuid[]))
           AND household_id NOT IN (SELECT withheld_cases()));
CREATE POLICY offered ON placement TO haven_app
    USING ((SELECT is_provider()) AND organisation_id = (SELECT my_organisation()) AND offered_at IS NOT NULL
           AND household_id <> ALL ((SELECT denied_cases())::uuid[]));

-- A reader of the trail reads the partnership's: who did what, to which case by its number alone. A case worker reads
-- what was done with the cases that they see.
DROP POLICY trail ON audit.event;
CREATE POLICY trail ON audit.event FOR SELECT TO haven_app
    USING ((SELECT reads_trail())
           AND (organisation_id = ANY ((SELECT my_partners())::uuid[]) OR case_of_partners(household_id))
           AND (household_id IS NULL OR household_id NOT IN (SELECT withheld_cases()))
           OR (SELECT sees_cases()) AND case_seen(household_id));
DROP FUNCTION hidden_cases();

-- ---- what else compares organisations ----

CREATE OR REPLACE FUNCTION may_write_placement(provider uuid, requester uuid, household uuid,
                                               entering boolean) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
BEGIN
    RETURN audit.proven() AND NOT case_hidden(household, audit.me('account')::uuid)
       AND coalesce(is_provider() AND my_organisation() = provider
                    OR NOT entering AND may_place() AND is_partner(requester) AND works_on(household), false);
END $$;
COMMENT ON FUNCTION may_write_placement IS
    'Whether the caller is proven and of one of the placement''s two sides, the provider''s or the people who work on '
    'the case; for an acceptance or an arrival, of the provider''s.';

CREATE OR REPLACE FUNCTION lock_placement(placement uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
DECLARE
    it record;
BEGIN
    SELECT p.unit_id, p.household_id INTO it FROM placement p
     WHERE p.id = lock_placement.placement AND (p.organisation_id = my_organisation() OR case_seen(p.household_id));
    PERFORM FROM unit u WHERE u.id = it.unit_id FOR NO KEY UPDATE;
    PERFORM FROM household h WHERE h.id = it.household_id FOR NO KEY UPDATE;
    PERFORM set_config('haven.denied', '', true);
END $$;
COMMENT ON FUNCTION lock_placement IS
    'The first statement of every act on a placement: locks the unit, then the household, where the placement is at '
    'the caller''s organisation or of a case that the caller sees, and forgets which cases those are.';

CREATE OR REPLACE FUNCTION settle_placement(placement uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
DECLARE
    it placement;
BEGIN
    SELECT p.* INTO it FROM placement p
     WHERE p.id = settle_placement.placement
       AND (p.organisation_id = audit.me('organisation')::uuid OR works_on(p.household_id));
    CASE WHEN it.state = 'accepted' THEN PERFORM settle_accepted(it);
         WHEN it.state IN ('cancelled', 'not_arrived') THEN PERFORM settle_given_back(it);
         WHEN it.state = 'departed' THEN PERFORM settle_departed(it);
         ELSE NULL;
    END CASE;
END $$;

CREATE OR REPLACE FUNCTION vault.may_put(kind text, subject uuid, organisation uuid) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
BEGIN
    RETURN session_user <> 'haven_app' OR audit.proven()
       AND CASE WHEN kind = 'property' THEN coalesce(is_provider() AND organisation = my_organisation(), false)
                ELSE is_partner(organisation) AND works_on(subject) END;
END $$;
COMMENT ON FUNCTION vault.may_put IS
    'Whether the caller is proven and may seal values of the subject: for a property its provider, for a household a '
    'person who works on the case. A role that is not a worker''s always may.';

CREATE OR REPLACE FUNCTION vault.reveal_reason(account uuid, placement uuid)
RETURNS TABLE (household_id uuid, property_id uuid, organisation_id uuid)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, vault, pg_temp AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    SELECT p.household_id, u.property_id, p.organisation_id
      FROM placement p
  JOIN unit u ON u.id = p.unit_id
  JOIN household h ON h.id = p.household_id
  JOIN account a ON a.id = reveal_reason.account
      JOIN property_address v ON v.property_id = u.property_id
      JOIN data_key k ON k.subject_id = v.property_id AND k.subject_kind = 'property' AND k.wrapped IS NOT NULL
     WHERE p.id = reveal_reason.placement AND p.state IN ('accepted', 'arrived')
       AND today() <= coalesce(p.arrived_on, greatest(lower(p.period), london_day(p.decided_at))) + 1
       AND (a.role = 'provider' AND a.organisation_id = p.organisation_id
            OR a.role IN ('housing_officer', 'navigator') AND a.id IN (p.holder_id, h.owner_id)
            AND case_worked(h.id, a.id))
       AND NOT case_hidden(p.household_id, a.id);
END $$;
COMMENT ON FUNCTION vault.reveal_reason IS
    'The placement, where this person may be shown its address; else no row. These are the case worker who took the '
    'place or is in charge of the case, as long as they work on it, and the people of the receiving provider. They may '
    'from the acceptance until the end of the day after the arrival or, while the household has not arrived, after the '
    'first night. A person who may not see the case never may. No row either where no address is recorded or its key '
    'is destroyed.';
