-- Showing an address. Whoever asks, the vault's process asks vault.reveal() here, with the session's
-- token, and opens what it gets only after the commit (include/reveal/reveal.h). Nobody reads an
-- address table any more, the vault's role neither: this function is the only way.

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
COMMENT ON TABLE address_reveal IS 'Addresses that were shown: to whom, when and what for. The manager of the property sees them. Rows are only ever added, by vault.reveal().';
COMMENT ON COLUMN address_reveal.id IS 'Identity.';
COMMENT ON COLUMN address_reveal.placement_id IS 'The placement that was the reason.';
COMMENT ON COLUMN address_reveal.household_id IS 'Of that placement: who may not see the case does not see this either.';
COMMENT ON COLUMN address_reveal.property_id IS 'Whose address it was.';
COMMENT ON COLUMN address_reveal.organisation_id IS 'The manager of the property.';
COMMENT ON COLUMN address_reveal.account_id IS 'Who saw it.';
COMMENT ON COLUMN address_reveal.account_organisation IS 'For whom that person worked.';
COMMENT ON COLUMN address_reveal.purpose IS 'What for.';
COMMENT ON COLUMN address_reveal.at IS 'When.';
COMMENT ON COLUMN address_reveal.expires_at IS 'When the page hides it again.';
CREATE INDEX address_reveal_property ON address_reveal (property_id, at, id);
CREATE INDEX address_reveal_account ON address_reveal (account_id, property_id, at);

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
            OR a.role IN ('housing_officer', 'navigator') AND a.organisation_id = p.requested_by AND a.id IN (p.holder_id, h.owner_id))
       AND NOT case_hidden(p.household_id, a.id);
END $$;
COMMENT ON FUNCTION vault.reveal_reason IS 'The placement, where this person may be shown its address: the officer who placed or is in charge of the case, of the organisation that asked for the place, and people of the receiving provider; from the acceptance until the end of the day after the arrival or, while they have not arrived, after the first night; never who may not see the case. No row otherwise, nor where no address is recorded or its key is destroyed. The contractor of an ordered job comes in here once there are jobs.';

-- From one property to the next: however often somebody looked at the same one, it is one step. The
-- thread that waits for this serves everybody.
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
         WHERE s.id <> but AND EXISTS (SELECT FROM address_reveal r WHERE r.account_id = account AND r.property_id = s.id
                                          AND r.at > now() - interval '24 hours'));
END $$;
COMMENT ON FUNCTION vault.addresses_seen IS 'How many different addresses, beside that one, somebody was shown in the last 24 hours.';

CREATE FUNCTION vault.reveal(token bytea, placement uuid, purpose text, request text)
RETURNS TABLE (outcome text, property uuid, organisation uuid, wrapped text, sealed text, shown text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, vault, audit, pg_temp AS $$
#variable_conflict use_column
DECLARE
    what_for reveal_purpose := purpose;
    me uuid := open_request(token, request);
    reason record;
    made address_reveal;
BEGIN
    -- one at a time: the twentieth and the twenty-first do not pass each other
    PERFORM pg_advisory_xact_lock(hashtextextended('reveal ' || me, 0));
    SELECT r.*, k.organisation_id AS key_organisation, k.wrapped, v.sealed INTO reason
      FROM vault.reveal_reason(me, reveal.placement) r
      JOIN vault.property_address v ON v.property_id = r.property_id
      JOIN vault.data_key k ON k.subject_id = r.property_id AND k.subject_kind = 'property';
    IF NOT FOUND THEN
        RETURN;
    END IF;
    IF vault.addresses_seen(me, reason.property_id) >= 20 THEN
        IF NOT EXISTS (SELECT FROM alert a WHERE a.account_id = me AND a.kind = 'reveal_budget' AND a.raised_at > now() - interval '24 hours') THEN
            PERFORM raise_alert('reveal_budget', me, reason.household_id, NULL);
        END IF;
        outcome := 'spent';
        RETURN NEXT;
        RETURN;
    END IF;
    INSERT INTO address_reveal (placement_id, household_id, property_id, organisation_id, account_id, account_organisation, purpose)
    VALUES (reveal.placement, reason.household_id, reason.property_id, reason.organisation_id, me, audit.me('organisation')::uuid, what_for)
    RETURNING * INTO made;
    INSERT INTO audit.event (account_id, organisation_id, request_id, action, subject_kind, subject_id, household_id, detail)
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
COMMENT ON FUNCTION vault.reveal IS 'The sealed address of a placement''s property and its wrapped key, for whoever is signed in with the token (else HV401), with the rows that tell of it: to be opened after the commit. No row where there is nothing for who asks. Somebody may see 20 different addresses in 24 hours; the next is outcome spent, and the information officer is told once a day.';

REVOKE ALL ON FUNCTION vault.reveal_reason, vault.addresses_seen, vault.reveal FROM PUBLIC;
REVOKE SELECT ON ALL TABLES IN SCHEMA vault FROM haven_vault;
REVOKE USAGE ON SCHEMA public FROM haven_vault;
GRANT EXECUTE ON FUNCTION vault.reveal TO haven_vault;
GRANT EXECUTE ON FUNCTION vault.reveal_reason TO haven_app;
GRANT SELECT ON address_reveal TO haven_app;
