-- Signing in. The vault's process does it: it reads the account, checks the password and opens the
-- session (include/reveal/porter.h). A worker can open none, so whoever has taken one over asks the
-- vault only in the name of people who are there. What the workers may change of accounts and sessions
-- are the functions below, each for a proven session (audit.proof).

CREATE FUNCTION vault.sign_in_look(name text) RETURNS TABLE (account uuid, password_hash text, locked boolean)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    RETURN QUERY
    SELECT a.id, a.password_hash, coalesce(f.locked_until > now(), false)
      FROM (SELECT lower(name) AS username) n
      LEFT JOIN account a ON a.username = n.username AND a.disabled_at IS NULL
      LEFT JOIN sign_in_failure f ON f.username_hash = sha256(convert_to(n.username, 'UTF8'));
END $$;
COMMENT ON FUNCTION vault.sign_in_look IS 'The open account of that username, and whether the name is locked out; one row always, so that an unknown name costs the same as a known one.';

CREATE FUNCTION vault.sign_in_failed(name text, account uuid, request text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
BEGIN
    INSERT INTO sign_in_failure AS f (username_hash) VALUES (sha256(convert_to(lower(name), 'UTF8')))
    ON CONFLICT (username_hash) DO UPDATE
       SET failures = CASE WHEN f.failed_at < now() - interval '1 hour' THEN 1 ELSE f.failures + 1 END, failed_at = now(),
           locked_until = CASE WHEN f.failed_at >= now() - interval '1 hour' AND f.failures + 1 >= 5
                               THEN now() + interval '15 minutes' ELSE f.locked_until END;
    INSERT INTO audit.event (account_id, request_id, action, subject_kind, subject_id)
    VALUES (account, request, 'sign_in_failed', 'account', account);
END $$;
COMMENT ON FUNCTION vault.sign_in_failed IS 'Five wrong passwords lock the name for 15 minutes; each further one locks it again.';

CREATE FUNCTION vault.sign_in(name text, account uuid, looked text, renewed text, token bytea, request text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
DECLARE
    setting text := set_config('haven.request', request, true);
BEGIN
    -- who changes the password or closes the account comes before this, or finds the session and ends it
    PERFORM FROM account a WHERE a.id = account AND a.password_hash = looked AND a.disabled_at IS NULL FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    INSERT INTO session (account_id, token_hash, idle_minutes, expires_at) VALUES (account, sha256(token), 30, now() + interval '12 hours');
    UPDATE account a SET password_hash = renewed WHERE a.id = account AND renewed <> '';
    DELETE FROM sign_in_failure WHERE username_hash = sha256(convert_to(lower(name), 'UTF8'));
    RETURN true;
END $$;
COMMENT ON FUNCTION vault.sign_in IS 'Opens a session for who gave the right password: 30 minutes of idleness, 12 hours at most. looked is the hash that the password was checked against; renewed a password hash at today''s costs, or empty; token the BLAKE2b-256 of the token. False, and nothing is done, where the account has another hash or has been closed meanwhile.';

CREATE FUNCTION vault.password_look(token bytea, request text) RETURNS TABLE (account uuid, name text, password_hash text, locked boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, vault, pg_temp AS $$
DECLARE
    me uuid := open_request(token, request);
BEGIN
    RETURN QUERY
    SELECT a.id, a.username, a.password_hash, l.locked FROM account a, sign_in_look(a.username) l WHERE a.id = me;
END $$;
COMMENT ON FUNCTION vault.password_look IS 'The account of who is signed in with the token (else HV401). Who found a screen unlocked has no more tries at the password than at the door.';

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
COMMENT ON FUNCTION vault.password_change IS 'The new password of who is signed in with the token (else HV401). It ends every other session of the person. looked is the hash that the current password was checked against: false, and nothing is done, where the account has another one by now, or is closed.';

-- In two statements: the sessions are looked for when the account is locked, also those opened a moment before.
CREATE FUNCTION vault.password_reset(name text, hash text, OUT accounts integer, OUT sessions integer)
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    whose uuid;
BEGIN
    UPDATE account a SET password_hash = hash WHERE a.username = lower(name) AND a.disabled_at IS NULL RETURNING a.id INTO whose;
    accounts := (whose IS NOT NULL)::integer;
    UPDATE session s SET revoked_at = now() WHERE s.account_id = whose AND s.revoked_at IS NULL;
    GET DIAGNOSTICS sessions = ROW_COUNT;
END $$;
COMMENT ON FUNCTION vault.password_reset IS 'The operator gives an account a new password, which ends its sessions.';

REVOKE ALL ON FUNCTION vault.password_reset FROM PUBLIC;
REVOKE ALL ON FUNCTION vault.sign_in_look, vault.sign_in_failed, vault.sign_in, vault.password_look, vault.password_change FROM PUBLIC;
GRANT EXECUTE ON FUNCTION vault.sign_in_look, vault.sign_in_failed, vault.sign_in, vault.password_look, vault.password_change TO haven_vault;

-- ---- what a signed-in person changes, by a worker ----

CREATE FUNCTION sign_out(session uuid) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
BEGIN
    UPDATE session s SET revoked_at = now() WHERE s.id = sign_out.session AND s.account_id = audit.me('account')::uuid AND s.revoked_at IS NULL;
    RETURN FOUND;
END $$;
COMMENT ON FUNCTION sign_out IS 'Ends a session of who asks.';

CREATE FUNCTION administered(account uuid) RETURNS uuid LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
BEGIN
    RETURN (SELECT a.id FROM account a WHERE a.id = administered.account AND audit.me('role') = 'administrator'
               AND a.organisation_id = ANY (audit.me('partners')::uuid[]));
END $$;
COMMENT ON FUNCTION administered IS 'The account, where who asks administers the partnership that it is of; else NULL.';

CREATE FUNCTION sign_out_account(account uuid) RETURNS integer LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    whose uuid := administered(account);
    n integer;
BEGIN
    UPDATE session s SET revoked_at = now() WHERE s.account_id = whose AND s.revoked_at IS NULL;
    GET DIAGNOSTICS n = ROW_COUNT;
    RETURN CASE WHEN whose IS NOT NULL THEN n END;
END $$;
COMMENT ON FUNCTION sign_out_account IS 'Ends all sessions of an account that who asks administers, and counts them; NULL where there is none.';

-- Accounts as they are shown: not with their password hashes.
CREATE VIEW account_view WITH (security_invoker = true) AS
SELECT a.id, a.username, a.display_name AS name, a.role, a.organisation_id, a.disabled_at IS NOT NULL AS disabled, utc(a.created_at) AS created_at
  FROM account a;
COMMENT ON VIEW account_view IS 'An account as administrators see it.';

CREATE FUNCTION close_account(account uuid) RETURNS SETOF account_view LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
DECLARE
    whose uuid := nullif(administered(account), audit.me('account')::uuid);
BEGIN
    -- the account first: a sign-in that is under way is waited for, and its session ends with the others
    UPDATE account a SET disabled_at = now() WHERE a.id = whose AND a.disabled_at IS NULL;
    PERFORM sign_out_account(whose);
    RETURN QUERY SELECT * FROM account_view v WHERE v.id = whose;
END $$;
COMMENT ON FUNCTION close_account IS 'Closes an account that who asks administers, but not one''s own, and ends its sessions. Every batch of theirs already asks for disabled_at.';

CREATE FUNCTION make_account(organisation uuid, username text, name text, role text, hash text) RETURNS SETOF account_view
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
DECLARE
    made uuid;
BEGIN
    INSERT INTO account (organisation_id, username, display_name, role, password_hash)
    SELECT o.id, lower(make_account.username), make_account.name, make_account.role, hash FROM organisation o
     WHERE o.id = organisation AND o.id = ANY (audit.me('partners')::uuid[]) AND audit.me('role') = 'administrator'
       AND o.kind = CASE WHEN make_account.role IN ('provider', 'contractor') THEN make_account.role ELSE 'council' END
    RETURNING account.id INTO made;
    RETURN QUERY SELECT * FROM account_view v WHERE v.id = made;
END $$;
COMMENT ON FUNCTION make_account IS 'A new account in the partnership of the administrator who asks, in an organisation of a kind that has this role; else no row.';

REVOKE ALL ON FUNCTION sign_out, administered, sign_out_account, close_account, make_account FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sign_out, sign_out_account, close_account, make_account TO haven_app;
GRANT SELECT ON account_view TO haven_app;
