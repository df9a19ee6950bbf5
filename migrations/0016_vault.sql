-- The vault: keys and sealed values, the functions by which workers store them, the function that shows an
-- address, and signing in. Only functions of the owner read these tables.

-- ---- keys and sealed values ----

CREATE TABLE vault.root_key (
    id text PRIMARY KEY CHECK (id ~ '^[0-9a-f]{16}$'),
    usable boolean NOT NULL DEFAULT true,
    created_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (id, usable)
);
COMMENT ON TABLE vault.root_key IS
    'Names of the root keys that data keys were wrapped under. The keys themselves are never here.';
COMMENT ON COLUMN vault.root_key.id IS 'As in the key file.';
COMMENT ON COLUMN vault.root_key.usable IS
    'False after a rotation: no data key is under it any more, and a vault that still holds it can store none.';
COMMENT ON COLUMN vault.root_key.created_at IS 'When the first data key was stored under it.';
SELECT guard('vault.root_key', 'owner');

CREATE TABLE vault.data_key (
    subject_id uuid NOT NULL,
    subject_kind text NOT NULL CHECK (subject_kind IN ('household', 'property')),
    organisation_id uuid NOT NULL REFERENCES organisation,
    wrapped bytea CHECK (octet_length(wrapped) = 81 AND get_byte(wrapped, 0) = 1),
    root_id text GENERATED ALWAYS AS (encode(substring(wrapped FROM 2 FOR 8), 'hex')) STORED,
    usable boolean NOT NULL DEFAULT true CHECK (usable),
    created_at timestamptz NOT NULL DEFAULT now(),
    destroyed_at timestamptz,
    PRIMARY KEY (subject_id, subject_kind),
    CONSTRAINT data_key_root FOREIGN KEY (root_id, usable) REFERENCES vault.root_key (id, usable),
    CONSTRAINT data_key_destroyed CHECK ((wrapped IS NULL) = (destroyed_at IS NOT NULL))
);
COMMENT ON TABLE vault.data_key IS
    'One key for the sealed values of each household and property. Destroying it erases those values, also in backups '
    'made since.';
COMMENT ON COLUMN vault.data_key.subject_id IS 'The household or property.';
COMMENT ON COLUMN vault.data_key.subject_kind IS 'Which of the two.';
COMMENT ON COLUMN vault.data_key.organisation_id IS 'The organisation that key and values are bound to.';
COMMENT ON COLUMN vault.data_key.wrapped IS 'The key, wrapped by the root key; NULL once it is destroyed.';
COMMENT ON COLUMN vault.data_key.root_id IS 'Name of that root key, as it stands in the wrapped key.';
COMMENT ON COLUMN vault.data_key.usable IS 'Always true, as the root key of a data key must be.';
COMMENT ON COLUMN vault.data_key.created_at IS 'When it was made.';
COMMENT ON COLUMN vault.data_key.destroyed_at IS 'When it was destroyed.';
CREATE INDEX data_key_root ON vault.data_key (root_id);
SELECT guard('vault.data_key', 'owner');

CREATE TABLE vault.property_address (
    property_id uuid PRIMARY KEY REFERENCES property,
    sealed bytea NOT NULL CHECK (get_byte(sealed, 0) = 1 AND get_byte(sealed, 1) = 1
                                 AND octet_length(sealed) % 512 = 50)
);
COMMENT ON TABLE vault.property_address IS 'Where a property is.';
COMMENT ON COLUMN vault.property_address.property_id IS 'Which property.';
COMMENT ON COLUMN vault.property_address.sealed IS
    'Address lines, full postcode, and an access note with door codes and the like.';
SELECT guard('vault.property_address', 'owner');

CREATE TABLE vault.person (
    member_id uuid PRIMARY KEY REFERENCES member,
    household_id uuid NOT NULL REFERENCES household,
    sealed bytea NOT NULL CHECK (get_byte(sealed, 0) = 1 AND get_byte(sealed, 1) = 2
                                 AND octet_length(sealed) % 512 = 50)
);
COMMENT ON TABLE vault.person IS 'The identity of a member.';
COMMENT ON COLUMN vault.person.member_id IS 'The member.';
COMMENT ON COLUMN vault.person.household_id IS 'The household.';
COMMENT ON COLUMN vault.person.sealed IS 'Name and date of birth.';
SELECT guard('vault.person', 'owner', erase => 'rows');

CREATE TABLE vault.safe_contact (
    id uuid PRIMARY KEY,
    household_id uuid NOT NULL REFERENCES household,
    sealed bytea NOT NULL CHECK (get_byte(sealed, 0) = 1 AND get_byte(sealed, 1) = 3
                                 AND octet_length(sealed) % 512 = 50),
    created_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE vault.safe_contact IS 'How a household may be reached; the newest row counts.';
COMMENT ON COLUMN vault.safe_contact.id IS 'Identity.';
COMMENT ON COLUMN vault.safe_contact.household_id IS 'The household.';
COMMENT ON COLUMN vault.safe_contact.sealed IS
    'Number, safe times to ring, whether to leave a message, and the word by which we identify ourselves.';
COMMENT ON COLUMN vault.safe_contact.created_at IS 'When it was recorded.';
SELECT guard('vault.safe_contact', 'owner', erase => 'rows');

CREATE TABLE vault.party (
    id uuid PRIMARY KEY,
    household_id uuid NOT NULL REFERENCES household,
    sealed bytea NOT NULL CHECK (get_byte(sealed, 0) = 1 AND get_byte(sealed, 1) = 4
                                 AND octet_length(sealed) % 512 = 50),
    created_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE vault.party IS 'What is known of a perpetrator or associate beyond the keyed hash.';
COMMENT ON COLUMN vault.party.id IS 'Identity.';
COMMENT ON COLUMN vault.party.household_id IS 'The case.';
COMMENT ON COLUMN vault.party.sealed IS 'The person''s appearance and vehicle.';
COMMENT ON COLUMN vault.party.created_at IS 'When it was recorded.';
SELECT guard('vault.party', 'owner', erase => 'rows');

-- ---- storing ----

CREATE FUNCTION vault.key_of(kind text, subject uuid)
RETURNS TABLE (organisation_id uuid, wrapped bytea, destroyed boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = vault, public, pg_temp AS $$
    SELECT k.organisation_id, k.wrapped, k.destroyed_at IS NOT NULL
      FROM vault.data_key k WHERE k.subject_id = subject AND k.subject_kind = kind
$$;
COMMENT ON FUNCTION vault.key_of IS 'The wrapped key of one subject. Only the vault''s process can open it.';
GRANT EXECUTE ON FUNCTION vault.key_of TO haven_app;

CREATE FUNCTION vault.may_put(kind text, subject uuid, organisation uuid) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
BEGIN
    RETURN session_user <> 'haven_app' OR audit.proven()
       AND CASE WHEN kind = 'property' THEN coalesce(is_provider() AND organisation = my_organisation(), false)
                ELSE coalesce(sees_cases() AND is_partner(organisation), false)
                     AND NOT case_hidden(subject, audit.me('account')::uuid) END;
END $$;
COMMENT ON FUNCTION vault.may_put IS
    'Whether the caller is proven and may seal values of the subject: for a property its provider, for a household a '
    'person who sees the case. A role that is not a worker''s always may.';

CREATE FUNCTION vault.put_key(kind text, subject uuid, organisation uuid, key bytea) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = vault, public, pg_temp AS $$
BEGIN
    IF NOT vault.may_put(kind, subject, organisation) THEN
        RAISE EXCEPTION 'the caller may not' USING ERRCODE = 'HV401';
    END IF;
    INSERT INTO vault.root_key (id) VALUES (encode(substring(key FROM 2 FOR 8), 'hex')) ON CONFLICT DO NOTHING;
    INSERT INTO vault.data_key (subject_id, subject_kind, organisation_id, wrapped)
    VALUES (subject, kind, organisation, key)
    ON CONFLICT DO NOTHING;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the subject has a key already' USING ERRCODE = 'serialization_failure';
    END IF;
END $$;
COMMENT ON FUNCTION vault.put_key IS
    'Stores the first key of a subject. Where another key was stored first, the request runs again and seals with '
    'that one.';
GRANT EXECUTE ON FUNCTION vault.put_key TO haven_app;

CREATE FUNCTION vault.hold_key(kind text, subject uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = vault, public, pg_temp AS $$
DECLARE
    manager uuid;
BEGIN
    SELECT k.organisation_id INTO manager FROM vault.data_key k
     WHERE k.subject_id = subject AND k.subject_kind = kind AND k.wrapped IS NOT NULL FOR SHARE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the subject has no key' USING ERRCODE = 'serialization_failure';
    ELSIF NOT vault.may_put(kind, subject, manager) THEN
        RAISE EXCEPTION 'the caller may not' USING ERRCODE = 'HV401';
    END IF;
END $$;
COMMENT ON FUNCTION vault.hold_key IS
    'Checks that the subject has a key and that the caller may seal (else HV401). The key stays until the transaction '
    'ends.';

CREATE FUNCTION vault.put_address(property uuid, sealed bytea) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = vault, public, audit, pg_temp AS $$
    SELECT vault.hold_key('property', property);
    INSERT INTO vault.property_address VALUES (property, sealed)
    ON CONFLICT (property_id) DO UPDATE SET sealed = excluded.sealed;
    INSERT INTO audit.event (account_id, organisation_id, request_id, action, subject_kind, subject_id)
    VALUES (audit.me('account')::uuid, audit.me('organisation')::uuid, audit.me('request'), 'update',
            'property_address', property)
$$;
COMMENT ON FUNCTION vault.put_address IS
    'Stores where a property is, and records that it was stored. Nothing reads it back.';
GRANT EXECUTE ON FUNCTION vault.put_address TO haven_app;

CREATE FUNCTION vault.put_person(member uuid, household uuid, sealed bytea) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = vault, public, pg_temp AS $$
    SELECT vault.hold_key('household', household);
    INSERT INTO vault.person VALUES (member, household, sealed)
    ON CONFLICT (member_id) DO UPDATE SET sealed = excluded.sealed
$$;
COMMENT ON FUNCTION vault.put_person IS 'Stores who a member is. Nothing reads it back.';
GRANT EXECUTE ON FUNCTION vault.put_person TO haven_app;

CREATE FUNCTION vault.put_contact(id uuid, household uuid, sealed bytea) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = vault, public, pg_temp AS $$
    SELECT vault.hold_key('household', household);
    INSERT INTO vault.safe_contact (id, household_id, sealed) VALUES (id, household, sealed)
$$;
COMMENT ON FUNCTION vault.put_contact IS 'Stores how a household may be reached. Nothing reads it back.';
GRANT EXECUTE ON FUNCTION vault.put_contact TO haven_app;

CREATE FUNCTION vault.put_party(id uuid, household uuid, sealed bytea) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = vault, public, pg_temp AS $$
    SELECT vault.hold_key('household', household);
    INSERT INTO vault.party (id, household_id, sealed) VALUES (id, household, sealed)
$$;
COMMENT ON FUNCTION vault.put_party IS 'Stores what a perpetrator looks like and drives. Nothing reads it back.';
GRANT EXECUTE ON FUNCTION vault.put_party TO haven_app;

-- ---- showing an address ----
--
-- The vault's process calls vault.reveal() with the caller's session token, and opens what it gets only after
-- the commit (src/vault/reveal.h). There is no other way to an address.

CREATE TABLE address_reveal (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    placement_id uuid NOT NULL REFERENCES placement,
    household_id uuid NOT NULL REFERENCES household,
    property_id uuid NOT NULL,
    organisation_id uuid NOT NULL,
    account_id uuid NOT NULL REFERENCES account,
    account_organisation uuid NOT NULL REFERENCES organisation,
    purpose reveal_purpose NOT NULL,
    at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL DEFAULT now() + interval '60 seconds',
    FOREIGN KEY (property_id, organisation_id) REFERENCES property (id, organisation_id)
);
COMMENT ON TABLE address_reveal IS
    'Addresses that were shown, with the person, the time and the purpose. The manager of the property sees them. '
    'Rows are only ever added, by the function that shows an address.';
COMMENT ON COLUMN address_reveal.id IS 'Identity.';
COMMENT ON COLUMN address_reveal.placement_id IS 'The placement that was the reason.';
COMMENT ON COLUMN address_reveal.household_id IS
    'The household of that placement: a person who may not see the case does not see this row either.';
COMMENT ON COLUMN address_reveal.property_id IS 'The property whose address it was.';
COMMENT ON COLUMN address_reveal.organisation_id IS 'The manager of the property.';
COMMENT ON COLUMN address_reveal.account_id IS 'The person who saw it.';
COMMENT ON COLUMN address_reveal.account_organisation IS 'The organisation that the person worked for.';
COMMENT ON COLUMN address_reveal.purpose IS 'Why it was shown.';
COMMENT ON COLUMN address_reveal.at IS 'When.';
COMMENT ON COLUMN address_reveal.expires_at IS 'When the page hides it again.';
CREATE INDEX address_reveal_property ON address_reveal (property_id, at, id);
CREATE INDEX address_reveal_account ON address_reveal (account_id, property_id, at);
SELECT guard('address_reveal', 'alone', erase => 'kept', recorded => false);
-- Shown even to a person who is denied the case: otherwise a person could hide their own look-ups.
CREATE POLICY manager ON address_reveal FOR SELECT TO haven_app
    USING ((SELECT is_provider()) AND organisation_id = (SELECT my_organisation()));
CREATE TRIGGER address_reveal_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON address_reveal
    FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse();

CREATE FUNCTION vault.reveal_reason(account uuid, placement uuid)
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
            OR a.role IN ('housing_officer', 'navigator') AND a.organisation_id = p.requested_by
            AND a.id IN (p.holder_id, h.owner_id))
       AND NOT case_hidden(p.household_id, a.id);
END $$;
COMMENT ON FUNCTION vault.reveal_reason IS
    'The placement, where this person may be shown its address; else no row. These are the case worker who took the '
    'place or is in charge of the case, of the organisation that asked for the place, and the people of the receiving '
    'provider. They may from the acceptance until the end of the day after the arrival or, while the household has '
    'not arrived, after the first night. A person who may not see the case never may. No row either where no address '
    'is recorded or its key is destroyed.';
GRANT EXECUTE ON FUNCTION vault.reveal_reason TO haven_app;

CREATE VIEW placement_shown WITH (security_invoker = true) AS
SELECT v.id, v.state, v.vacancy_id, v.unit_id, v.unit_reference,
       (SELECT u.property_id FROM unit u WHERE u.id = v.unit_id) AS property_id,
       EXISTS (SELECT FROM vault.reveal_reason(audit.me('account')::uuid, v.id)) AS address_open, v.type, v.area_label,
       v.organisation_id, v.provider, v.household_reference, v.requested_by, v.requester, v.from_day, v.until_day,
       v.held_at, v.expires_at, v.seconds_left, v.offered_at, v.decided_at, v.arrived_on, v.departed_on,
       v.decline_side, v.equality_exception, v.cancel_reason, v.non_arrival_reason, v.departure_reason, v.destination,
       v.safe_and_well, v.household_id AS _household, v.version
  FROM placement_view v;
COMMENT ON VIEW placement_shown IS
    'What every reader of a placement sees of it. address_open: the caller may be shown the address now.';
GRANT SELECT ON placement_shown TO haven_app;

-- It steps from one property to the next, so that many looks at the same property are one step. One thread
-- runs this for everyone.
CREATE FUNCTION vault.addresses_seen(account uuid, but uuid) RETURNS bigint
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_bitmapscan = off AS $$
BEGIN
    RETURN (
        WITH RECURSIVE seen (id) AS (
            (SELECT r.property_id FROM address_reveal r WHERE r.account_id = account ORDER BY r.property_id LIMIT 1)
            UNION ALL
            SELECT (SELECT r.property_id FROM address_reveal r WHERE r.account_id = account AND r.property_id > s.id
                     ORDER BY r.property_id LIMIT 1)
              FROM seen s WHERE s.id IS NOT NULL
        )
        SELECT count(*) FROM seen s
         WHERE s.id <> but AND EXISTS (SELECT FROM address_reveal r
                                        WHERE r.account_id = account AND r.property_id = s.id
                                          AND r.at > now() - interval '24 hours'));
END $$;
COMMENT ON FUNCTION vault.addresses_seen IS
    'The number of different addresses, apart from this one, that the person was shown in the last 24 hours.';

CREATE FUNCTION vault.reveal(token bytea, placement uuid, purpose text, request text)
RETURNS TABLE (outcome reveal_outcome, property uuid, organisation uuid, wrapped text, sealed text, shown text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, vault, audit, pg_temp AS $$
#variable_conflict use_column
DECLARE
    what_for reveal_purpose := purpose;
    me uuid := open_request(token, request);
    reason record;
    made address_reveal;
BEGIN
    -- one at a time, so that the twentieth and the twenty-first cannot both count twenty
    PERFORM pg_advisory_xact_lock(hashtextextended('reveal ' || me, 0));
    SELECT r.*, k.organisation_id AS key_organisation, k.wrapped, v.sealed INTO reason
      FROM vault.reveal_reason(me, reveal.placement) r
  JOIN vault.property_address v ON v.property_id = r.property_id
  JOIN vault.data_key k ON k.subject_id = r.property_id AND k.subject_kind = 'property';
    IF NOT FOUND THEN
        RETURN;
    END IF;
    IF vault.addresses_seen(me, reason.property_id) >= 20 THEN
        IF NOT EXISTS (SELECT FROM alert a
                        WHERE a.account_id = me AND a.kind = 'reveal_budget'
                          AND a.raised_at > now() - interval '24 hours') THEN
            PERFORM raise_alert('reveal_budget', me, reason.household_id, NULL);
        END IF;
        outcome := 'spent';
        RETURN NEXT;
        RETURN;
    END IF;
    INSERT INTO address_reveal (placement_id, household_id, property_id, organisation_id, account_id,
                                account_organisation, purpose)
    VALUES (reveal.placement, reason.household_id, reason.property_id, reason.organisation_id, me,
            audit.me('organisation')::uuid, what_for)
    RETURNING * INTO made;
    INSERT INTO audit.event (account_id, organisation_id, request_id, action, subject_kind, subject_id, household_id,
                             detail)
    VALUES (me, made.account_organisation, request, 'reveal', 'property_address', made.property_id, made.household_id,
            jsonb_build_object('id', made.id, 'placement_id', made.placement_id, 'purpose', made.purpose));
    outcome := 'shown';
    property := made.property_id;
    organisation := reason.key_organisation;
    wrapped := encode(reason.wrapped, 'hex');
    sealed := encode(reason.sealed, 'hex');
    shown := utc(made.at) || '/' || utc(made.expires_at);
    RETURN NEXT;
END $$;
COMMENT ON FUNCTION vault.reveal IS
    'The sealed address of a placement''s property and its wrapped key, for the person signed in with the token (else '
    'HV401), with the rows that record it. The vault opens it after the commit. No row where the person may not see '
    'it. A person may see 20 different addresses in 24 hours; the next is outcome spent, and the information officer '
    'is alerted once a day.';
GRANT EXECUTE ON FUNCTION vault.reveal TO haven_vault;

-- ---- signing in ----
--
-- The vault's process reads the account, checks the password and opens the session (src/vault/sign_in.h). A
-- worker cannot open a session: one that was taken over acts only for people who are signed in.

CREATE FUNCTION vault.sign_in_look(name text) RETURNS TABLE (account uuid, password_hash text, locked boolean)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    RETURN QUERY
    SELECT a.id, a.password_hash, coalesce(f.locked_until > now(), false)
      FROM (SELECT lower(name) AS username) n
      LEFT JOIN account a ON a.username = n.username AND a.disabled_at IS NULL
      LEFT JOIN sign_in_failure f ON f.username_hash = sha256(convert_to(n.username, 'UTF8'));
END $$;
COMMENT ON FUNCTION vault.sign_in_look IS
    'The open account of that username, and whether the name is locked out. Always one row, so that an unknown name '
    'costs the same as a known one.';
GRANT EXECUTE ON FUNCTION vault.sign_in_look TO haven_vault;

CREATE FUNCTION vault.sign_in_failed(name text, account uuid, request text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
BEGIN
    INSERT INTO sign_in_failure AS f (username_hash) VALUES (sha256(convert_to(lower(name), 'UTF8')))
    ON CONFLICT (username_hash) DO UPDATE
       SET failures = CASE WHEN f.failed_at < now() - interval '1 hour' THEN 1 ELSE f.failures + 1 END,
       failed_at = now(),
           locked_until = CASE WHEN f.failed_at >= now() - interval '1 hour' AND f.failures + 1 >= 5
                               THEN now() + interval '15 minutes' ELSE f.locked_until END;
    INSERT INTO audit.event (account_id, request_id, action, subject_kind, subject_id)
    VALUES (account, request, 'sign_in_failed', 'account', account);
END $$;
COMMENT ON FUNCTION vault.sign_in_failed IS
    'Five wrong passwords lock the name for 15 minutes; each further one locks it again.';
GRANT EXECUTE ON FUNCTION vault.sign_in_failed TO haven_vault;

CREATE FUNCTION vault.sign_in(name text, account uuid, looked text, renewed text, token bytea,
                              request text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
DECLARE
    setting text := set_config('haven.request', request, true);
BEGIN
    -- a change of password or a closing of the account either comes before this or finds the session and ends it
    PERFORM FROM account a WHERE a.id = account AND a.password_hash = looked
       AND a.disabled_at IS NULL FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    INSERT INTO session (account_id, token_hash, idle_minutes, expires_at)
    VALUES (account, sha256(token), 30, now() + interval '12 hours');
    UPDATE account a SET password_hash = renewed WHERE a.id = account AND renewed <> '';
    DELETE FROM sign_in_failure WHERE username_hash = sha256(convert_to(lower(name), 'UTF8'));
    RETURN true;
END $$;
COMMENT ON FUNCTION vault.sign_in IS
    'Opens a session after the right password: 30 minutes of idleness, 12 hours at most. looked is the hash that the '
    'password was checked against; renewed is a password hash at today''s costs, or empty; token is the BLAKE2b-256 '
    'of the token. False, and nothing is done, where the account has another hash or was closed meanwhile.';
GRANT EXECUTE ON FUNCTION vault.sign_in TO haven_vault;

CREATE FUNCTION vault.password_look(token bytea, request text) RETURNS TABLE (account uuid, name text,
        password_hash text, locked boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, vault, pg_temp AS $$
DECLARE
    me uuid := open_request(token, request);
BEGIN
    RETURN QUERY
    SELECT a.id, a.username, a.password_hash, l.locked FROM account a, sign_in_look(a.username) l WHERE a.id = me;
END $$;
COMMENT ON FUNCTION vault.password_look IS
    'The account of the person signed in with the token (else HV401). A stranger at an unlocked screen has no more '
    'tries at the password than at the sign-in page.';
GRANT EXECUTE ON FUNCTION vault.password_look TO haven_vault;

CREATE FUNCTION vault.password_change(token bytea, looked text, hash text, request text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    me uuid := open_request(token, request);
BEGIN
    UPDATE account SET password_hash = hash WHERE id = me AND password_hash = looked AND disabled_at IS NULL;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    UPDATE session SET revoked_at = now() WHERE account_id = me AND token_hash <> sha256(token) AND revoked_at IS NULL;
    RETURN true;
END $$;
COMMENT ON FUNCTION vault.password_change IS
    'Sets the new password of the person signed in with the token (else HV401) and ends the person''s other sessions. '
    'looked is the hash that the current password was checked against: false, and nothing is done, where the account '
    'has another hash by now, or is closed.';
GRANT EXECUTE ON FUNCTION vault.password_change TO haven_vault;

-- Two statements: the second runs with the account locked and so also finds sessions opened a moment before.
CREATE FUNCTION vault.password_reset(name text, hash text, OUT accounts integer, OUT sessions integer)
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    person uuid;
BEGIN
    UPDATE account a SET password_hash = hash WHERE a.username = lower(name) AND a.disabled_at IS NULL RETURNING a.id
      INTO person;
    accounts := (person IS NOT NULL)::integer;
    UPDATE session s SET revoked_at = now() WHERE s.account_id = person AND s.revoked_at IS NULL;
    GET DIAGNOSTICS sessions = ROW_COUNT;
END $$;
COMMENT ON FUNCTION vault.password_reset IS 'The operator gives an account a new password, which ends its sessions.';
