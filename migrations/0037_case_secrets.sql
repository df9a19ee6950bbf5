-- What is sealed about a case is shown to the people who need it, in the stages that need it, and each reading is
-- recorded: how to reach the household, the applicant's first name, what the perpetrator looks like and drives. The
-- values stay in the vault; this register of them has none.

CREATE DOMAIN secret_kind AS text CHECK (VALUE IN ('safe_contact', 'first_name', 'perpetrator'));
COMMENT ON DOMAIN secret_kind IS 'What is sealed about a case and can be shown.';

CREATE DOMAIN reading_purpose AS text CHECK (VALUE IN ('ring_them', 'arrange_arrival', 'let_in', 'look_out',
    'safety_plan', 'welfare', 'emergency_services', 'correct_record'));
COMMENT ON DOMAIN reading_purpose IS 'Why what is sealed about a case is shown; there is no "other".';

CREATE TABLE case_secret (
    id uuid PRIMARY KEY,
    household_id uuid NOT NULL REFERENCES household,
    kind secret_kind NOT NULL,
    recorded_by uuid REFERENCES account,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    ended_at timestamptz
);
COMMENT ON TABLE case_secret IS
    'Register of what is sealed about a case and can be shown. Which of it a person may be shown is secret_open().';
COMMENT ON COLUMN case_secret.id IS 'The row in the vault; of a first name it is the main applicant''s id.';
COMMENT ON COLUMN case_secret.household_id IS 'The case.';
COMMENT ON COLUMN case_secret.kind IS 'What it is.';
COMMENT ON COLUMN case_secret.recorded_by IS 'The person who recorded it; NULL for the operator''s tool.';
COMMENT ON COLUMN case_secret.recorded_at IS 'When.';
COMMENT ON COLUMN case_secret.ended_at IS 'When it stopped being right. From then on it is shown to nobody.';
CREATE INDEX case_secret_household ON case_secret (household_id);
CREATE UNIQUE INDEX case_secret_one ON case_secret (household_id, kind)
    WHERE ended_at IS NULL AND kind <> 'perpetrator';

CREATE TABLE vault.first_name (
    id uuid PRIMARY KEY REFERENCES member,
    household_id uuid NOT NULL REFERENCES household,
    sealed bytea NOT NULL CHECK (get_byte(sealed, 0) = 1 AND get_byte(sealed, 1) = 5
                                 AND octet_length(sealed) % 512 = 50)
);
COMMENT ON TABLE vault.first_name IS
    'What the main applicant is called. It is apart from the full name so that the one can be shown without the other.';
COMMENT ON COLUMN vault.first_name.id IS 'The member.';
COMMENT ON COLUMN vault.first_name.household_id IS 'The household.';
COMMENT ON COLUMN vault.first_name.sealed IS 'The first name.';
SELECT guard('vault.first_name', 'owner', erase => 'rows');

-- ---- the rule ----

CREATE FUNCTION secret_open(household uuid, kind secret_kind, account uuid) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    RETURN NOT case_hidden(household, account) AND EXISTS (
        SELECT FROM account a
         WHERE a.id = account AND a.disabled_at IS NULL
           AND CASE WHEN a.role IN ('housing_officer', 'navigator') THEN case_worked(household, a.id)
                    ELSE a.role = 'provider' AND EXISTS (
                        SELECT FROM placement p
                         WHERE p.household_id = household AND p.organisation_id = a.organisation_id
                           AND p.offered_at IS NOT NULL
                           AND placement_now(p.state, p.expires_at) = ANY (
                               CASE WHEN kind = 'first_name' THEN '{offered,accepted,arrived}'
                                    ELSE '{accepted,arrived}' END::text[]))
                     AND (kind <> 'first_name' OR EXISTS (
                        SELECT FROM consents_of(household) c
                         WHERE c.purpose = 'share_with_providers' AND c.basis = 'given')) END);
END $$;
COMMENT ON FUNCTION secret_open IS
    'Whether a person may be shown what is sealed about a case. The case workers who work on it always may. The people '
    'of a provider may see the safe contact and the perpetrator''s description from its acceptance until the '
    'departure, and the first name from the offer on, while the household agrees to be shown to providers (the '
    'high-risk route is no such agreement). A person from whom the case is hidden never may.';

CREATE FUNCTION secret_shown(household uuid, kind secret_kind) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
BEGIN
    RETURN secret_open(household, kind, audit.me('account')::uuid);
END $$;
COMMENT ON FUNCTION secret_shown IS 'The same of the caller.';
GRANT EXECUTE ON FUNCTION secret_shown TO haven_app;

SELECT guard('case_secret', 'case', writes => 'update', fixed => '{id,household_id,kind,recorded_by,recorded_at}',
             erase => 'rows');
CREATE POLICY offered ON case_secret FOR SELECT TO haven_app
    USING ((SELECT is_provider()) AND ended_at IS NULL AND household_id <> ALL ((SELECT denied_cases())::uuid[])
           AND secret_shown(household_id, kind));

-- ---- storing ----

CREATE FUNCTION vault.register_secret(id uuid, household uuid, kind secret_kind) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
    UPDATE case_secret s SET ended_at = now()
     WHERE s.household_id = household AND s.kind = register_secret.kind AND s.kind <> 'perpetrator'
       AND s.ended_at IS NULL AND s.id <> register_secret.id;
    INSERT INTO case_secret (id, household_id, kind, recorded_by)
    VALUES (id, household, kind, audit.me('account')::uuid)
    ON CONFLICT ON CONSTRAINT case_secret_pkey DO UPDATE
       SET recorded_by = excluded.recorded_by, recorded_at = now(), ended_at = NULL
$$;
COMMENT ON FUNCTION vault.register_secret IS
    'Enters a sealed value in the register. A new contact or first name ends the one before.';

CREATE OR REPLACE FUNCTION vault.put_contact(id uuid, household uuid, sealed bytea) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = vault, public, pg_temp AS $$
    SELECT vault.hold_key('household', household);
    INSERT INTO vault.safe_contact (id, household_id, sealed) VALUES (id, household, sealed);
    SELECT vault.register_secret(id, household, 'safe_contact')
$$;
COMMENT ON FUNCTION vault.put_contact IS 'Stores how a household may be reached. vault.tell() alone reads it back.';

CREATE OR REPLACE FUNCTION vault.put_party(id uuid, household uuid, sealed bytea) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = vault, public, pg_temp AS $$
    SELECT vault.hold_key('household', household);
    INSERT INTO vault.party (id, household_id, sealed) VALUES (id, household, sealed);
    SELECT vault.register_secret(id, household, 'perpetrator')
$$;
COMMENT ON FUNCTION vault.put_party IS
    'Stores what a perpetrator looks like and drives. vault.tell() alone reads it back.';

CREATE FUNCTION vault.put_first_name(member uuid, household uuid, sealed bytea) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = vault, public, pg_temp AS $$
    SELECT vault.hold_key('household', household);
    INSERT INTO vault.first_name (id, household_id, sealed) VALUES (member, household, sealed)
    ON CONFLICT ON CONSTRAINT first_name_pkey DO UPDATE SET sealed = excluded.sealed;
    SELECT vault.register_secret(member, household, 'first_name')
$$;
COMMENT ON FUNCTION vault.put_first_name IS
    'Stores what the main applicant is called. vault.tell() alone reads it back.';
GRANT EXECUTE ON FUNCTION vault.put_first_name TO haven_app;

-- What was stored before: the newest contact of each household counts.
INSERT INTO case_secret (id, household_id, kind, recorded_at)
SELECT p.id, p.household_id, 'perpetrator', p.created_at FROM vault.party p;
INSERT INTO case_secret (id, household_id, kind, recorded_at, ended_at)
SELECT c.id, c.household_id, 'safe_contact', c.created_at,
       lead(c.created_at) OVER (PARTITION BY c.household_id ORDER BY c.created_at, c.id)
  FROM vault.safe_contact c;

-- ---- showing ----
--
-- As with an address: the vault's process calls vault.tell() with the caller's session token, and opens what it
-- gets only after the commit (src/vault/reveal.h).

CREATE FUNCTION vault.cases_told(account uuid, but uuid) RETURNS bigint
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
BEGIN
    RETURN (SELECT count(DISTINCT e.household_id)
              FROM (SELECT r.household_id, r.at, r.subject_kind FROM audit.event r
                     WHERE r.account_id = account AND r.action = 'reveal' ORDER BY r.id DESC LIMIT 1000) e
             WHERE e.subject_kind = 'case_secret' AND e.at > now() - interval '24 hours' AND e.household_id <> but);
END $$;
COMMENT ON FUNCTION vault.cases_told IS
    'The number of different cases, apart from this one, of which the person was shown something in the last 24 hours.';

CREATE FUNCTION vault.sealed_secret(secret uuid, kind secret_kind) RETURNS bytea
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = vault, public, pg_temp AS $$
    SELECT CASE kind WHEN 'safe_contact' THEN (SELECT c.sealed FROM vault.safe_contact c WHERE c.id = secret)
                     WHEN 'first_name' THEN (SELECT n.sealed FROM vault.first_name n WHERE n.id = secret)
                     WHEN 'perpetrator' THEN (SELECT p.sealed FROM vault.party p WHERE p.id = secret) END
$$;
COMMENT ON FUNCTION vault.sealed_secret IS 'The sealed value of an entry of the register.';

CREATE FUNCTION vault.tell(token bytea, secret uuid, purpose text, request text)
RETURNS TABLE (outcome reveal_outcome, kind integer, household uuid, organisation uuid, wrapped text, sealed text,
               shown text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, vault, audit, pg_temp AS $$
#variable_conflict use_column
DECLARE
    what_for reading_purpose := purpose;
    me uuid := open_request(token, request);
    it record;
BEGIN
    -- one at a time, so that the last of a day's cases cannot be two
    PERFORM pg_advisory_xact_lock(hashtextextended('tell ' || me, 0));
    SELECT s.household_id, s.kind, k.organisation_id, k.wrapped, vault.sealed_secret(s.id, s.kind) AS sealed INTO it
      FROM case_secret s
  JOIN data_key k ON k.subject_id = s.household_id AND k.subject_kind = 'household' AND k.wrapped IS NOT NULL
     WHERE s.id = tell.secret AND s.ended_at IS NULL AND secret_open(s.household_id, s.kind, me);
    IF NOT FOUND OR it.sealed IS NULL THEN
        RETURN;
    END IF;
    IF vault.cases_told(me, it.household_id) >= 40 THEN
        IF NOT EXISTS (SELECT FROM alert a
                        WHERE a.account_id = me AND a.kind = 'reveal_budget'
                          AND a.raised_at > now() - interval '24 hours') THEN
            PERFORM raise_alert('reveal_budget', me, it.household_id, NULL);
        END IF;
        outcome := 'spent';
        RETURN NEXT;
        RETURN;
    END IF;
    INSERT INTO audit.event (account_id, organisation_id, request_id, action, subject_kind, subject_id, household_id,
                             detail)
    VALUES (me, audit.me('organisation')::uuid, request, 'reveal', 'case_secret', tell.secret, it.household_id,
            jsonb_build_object('kind', it.kind, 'purpose', what_for));
    outcome := 'shown';
    kind := get_byte(it.sealed, 1);
    household := it.household_id;
    organisation := it.organisation_id;
    wrapped := encode(it.wrapped, 'hex');
    sealed := encode(it.sealed, 'hex');
    shown := utc(now()) || '/' || utc(now() + interval '60 seconds');
    RETURN NEXT;
END $$;
COMMENT ON FUNCTION vault.tell IS
    'What is sealed about a case and its wrapped key, for the person signed in with the token (else HV401), with the '
    'event that records it. The vault opens it after the commit. No row where the person may not see it. A person may '
    'read of 40 different cases in 24 hours; the next is outcome spent, and the information officer is alerted once a '
    'day.';
GRANT EXECUTE ON FUNCTION vault.tell TO haven_vault;

CREATE FUNCTION secret_readings(secret uuid)
RETURNS TABLE (at timestamptz, account text, organisation text, purpose text)
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 10 SET search_path = public, audit, pg_temp AS $$
BEGIN
    -- asked once, not for each reading
    IF NOT EXISTS (SELECT FROM case_secret s
                    WHERE s.id = secret AND case_seen(s.household_id) AND works_on(s.household_id)) THEN
        RETURN;
    END IF;
    RETURN QUERY
    SELECT e.at, a.display_name, o.name, e.detail ->> 'purpose'
      FROM audit.event e JOIN account a ON a.id = e.account_id JOIN organisation o ON o.id = e.organisation_id
     WHERE e.subject_id = secret AND e.action = 'reveal' AND e.subject_kind = 'case_secret'
     ORDER BY e.id DESC LIMIT 20;
END $$;
COMMENT ON FUNCTION secret_readings IS
    'Who was shown it, newest first, the last 20 times, for the people who work on the case.';
GRANT EXECUTE ON FUNCTION secret_readings TO haven_app;

-- ---- the offer ----

ALTER TABLE placement ADD COLUMN arrival_time text CHECK (arrival_time ~ '^([01][0-9]|2[0-3]):[0-5][0-9]$');
COMMENT ON COLUMN placement.arrival_time IS
    'From when on they can arrive on the first night, London time; NULL is not known.';
GRANT UPDATE (arrival_time) ON placement TO haven_app;
SELECT guard_again('placement', '{arrival_time}');

CREATE OR REPLACE VIEW placement_view WITH (security_invoker = true) AS
SELECT p.id, placement_now(p.state, p.expires_at) AS state, p.vacancy_id, p.unit_id, u.reference AS unit_reference,
       pr.type, pr.area_label, p.organisation_id, o.name AS provider, p.household_id,
       case_reference(p.household_id) AS household_reference,
       p.requested_by, r.name AS requester, lower(p.period) AS from_day, upper(p.period) AS until_day,
       utc(p.held_at) AS held_at, utc(p.expires_at) AS expires_at,
       CASE WHEN p.state IN ('held', 'offered')
           THEN greatest(0, ceil(extract(epoch FROM p.expires_at - now())))::integer END AS seconds_left,
       utc(p.offered_at) AS offered_at, utc(p.decided_at) AS decided_at, p.arrived_on, p.departed_on,
       p.decline_side, p.decline_reason, p.equality_exception, p.cancel_reason, p.non_arrival_reason,
       p.departure_reason, p.destination, p.safe_and_well, p.policy_version, p.inputs_hash, p.score, p.version,
       p.against, p.arrival_time
  FROM placement p
  JOIN unit u ON u.id = p.unit_id
  JOIN property pr ON pr.id = u.property_id
  JOIN organisation o ON o.id = p.organisation_id
  JOIN organisation r ON r.id = p.requested_by;

CREATE OR REPLACE VIEW case_summary WITH (security_invoker = true) AS
SELECT h.id AS household_id,
       json_build_object('id', CASE WHEN may_place() THEN h.id END, 'reference', h.reference,
           'risk_level', h.risk_level, 'risk_least', h.risk_least, 'poses', h.poses,
           'poses_asked', h.poses IS NOT NULL, 'avoids', h.avoids, 'avoids_asked', h.avoids IS NOT NULL,
           'counter_allegation', h.counter_allegation, 'primary_victim', h.primary_victim,
           'primary_victim_on', h.primary_victim_on, 'primary_victim_reason', h.primary_victim_reason,
           'pregnant', h.pregnant, 'due_on', h.due_on, 'nrpf', h.nrpf, 'pets', h.pets,
           'wheelchair', h.wheelchair, 'step_free', h.step_free, 'ground_floor', h.ground_floor,
           'adapted_bathroom', h.adapted_bathroom, 'support_needs', h.support_needs, 'languages', h.languages,
           'other_language', h.other_language, 'interpreter', h.interpreter, 'overnight_carer', h.overnight_carer,
           'bedrooms_needed', h.bedrooms_needed,
           'members', (SELECT coalesce(json_agg(json_build_object('kind', m.kind, 'sex', m.sex,
                                  'gender_identity', m.gender_identity,
                                  'age', m.age + extract(year FROM age(today(), m.age_on))::integer,
                                  'couple', m.couple) ORDER BY m.kind <> 'main', m.kind, m.id), '[]')
                         FROM member m WHERE m.household_id = h.id AND m.ended_at IS NULL),
           'secrets', (SELECT coalesce(json_agg(json_build_object('id', s.id, 'kind', s.kind)
                                                ORDER BY s.kind DESC, s.recorded_at), '[]')
                         FROM case_secret s
                        WHERE s.household_id = h.id AND s.ended_at IS NULL
                          AND secret_shown(h.id, s.kind))) AS household
  FROM household h;
