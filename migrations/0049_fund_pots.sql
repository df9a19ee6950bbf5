-- Pots of the fund: what keeps them, and the course of their years.

-- ---- what workers call: pots ----

CREATE FUNCTION fund.open_year(of_pot uuid, of_year integer) RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE
    made uuid;
BEGIN
    INSERT INTO fund.pot_year (pot_id, organisation_id, year)
    SELECT p.id, p.organisation_id, of_year FROM fund.pot p WHERE p.id = of_pot
    RETURNING id INTO made;
    INSERT INTO fund.account (organisation_id, pot_year_id, kind)
    SELECT y.organisation_id, y.id, k.kind
      FROM fund.pot_year y,
           unnest(ARRAY['granted', 'recovered', 'free', 'committed', 'in_payment', 'paid', 'float', 'lapsed',
                        'carried_out']) k (kind)
     WHERE y.id = made;
    RETURN made;
END $$;
COMMENT ON FUNCTION fund.open_year IS 'Sets up a year of a pot with its accounts, all empty.';

CREATE FUNCTION fund.add_pot(item jsonb) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
DECLARE
    made uuid;
BEGIN
    IF audit.caller() IS NULL OR NOT keeps_fund() THEN
        RETURN NULL;
    END IF;
    INSERT INTO fund.pot (organisation_id, name, funder, categories, spenders, carry, provisional_percent, cost_centre,
                          gl_code)
    SELECT my_organisation(), n.name, n.funder, n.categories, coalesce(n.spenders, '{}'), coalesce(n.carry, 'lapse'),
           coalesce(n.provisional_percent, 25), n.cost_centre, n.gl_code
      FROM jsonb_populate_record(NULL::fund.pot, item) n
    RETURNING id INTO made;
    RETURN fund.open_year(made, coalesce((item ->> 'year')::integer, fund.year_of(today())));
END $$;
COMMENT ON FUNCTION fund.add_pot IS
    'Sets up a pot of the caller''s organisation with its first year, and returns that; NULL where the caller may not.';
GRANT EXECUTE ON FUNCTION fund.add_pot TO haven_app;

CREATE FUNCTION fund.change_pot(one uuid, seen integer, patch jsonb) RETURNS pot_outcome
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
DECLARE
    it fund.pot;
BEGIN
    IF audit.caller() IS NULL OR NOT keeps_fund() THEN
        RETURN 'none';
    END IF;
    SELECT * INTO it FROM fund.pot p WHERE p.id = one AND p.organisation_id = my_organisation() FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN 'none';
    ELSIF seen NOT IN (it.version, -1) THEN
        RETURN 'changed';
    END IF;
    UPDATE fund.pot p
       SET (name, funder, categories, spenders, carry, provisional_percent, cost_centre, gl_code)
           = (SELECT n.name, n.funder, n.categories, coalesce(n.spenders, '{}'), n.carry, n.provisional_percent,
                     n.cost_centre, n.gl_code FROM jsonb_populate_record(it, patch) n),
           version = it.version + 1
     WHERE p.id = it.id;
    RETURN 'done';
END $$;
COMMENT ON FUNCTION fund.change_pot IS 'Changes the rules of a pot; what was promised by the old ones stands.';
GRANT EXECUTE ON FUNCTION fund.change_pot TO haven_app;

CREATE FUNCTION fund.add_year(one uuid, of_year integer, OUT outcome pot_outcome, OUT id uuid)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
BEGIN
    IF audit.caller() IS NULL OR NOT keeps_fund()
       OR NOT EXISTS (SELECT FROM fund.pot p WHERE p.id = one AND p.organisation_id = my_organisation()) THEN
        outcome := 'none';
        RETURN;
    END IF;
    PERFORM FROM fund.pot p WHERE p.id = one FOR NO KEY UPDATE;
    IF EXISTS (SELECT FROM fund.pot_year y WHERE y.pot_id = one AND y.year = of_year) THEN
        outcome := 'there';
        RETURN;
    END IF;
    id := fund.open_year(one, of_year);
    outcome := 'done';
END $$;
COMMENT ON FUNCTION fund.add_year IS 'Plans a further year of a pot.';
GRANT EXECUTE ON FUNCTION fund.add_year TO haven_app;

CREATE FUNCTION fund.lock_year(one uuid, seen integer, OUT outcome pot_outcome, OUT it fund.pot_year)
LANGUAGE plpgsql AS $$
BEGIN
    IF audit.caller() IS NULL OR NOT keeps_fund() THEN
        outcome := 'none';
        RETURN;
    END IF;
    SELECT * INTO it FROM fund.pot_year y WHERE y.id = one AND y.organisation_id = my_organisation() FOR UPDATE;
    outcome := CASE WHEN NOT FOUND THEN 'none' WHEN seen NOT IN (it.version, -1) THEN 'changed' END;
END $$;
COMMENT ON FUNCTION fund.lock_year IS
    'Locks a year of a pot of the caller''s organisation; the outcome is NULL where it may be changed. Promises out of '
    'it wait, since they lock its key.';

-- A budget may be changed until the year is closed. What is promised or spent cannot be taken away.
CREATE FUNCTION fund.change_budget(one uuid, seen integer, by_pence bigint) RETURNS pot_outcome
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
DECLARE
    locked record := fund.lock_year(one, seen);
    it fund.pot_year := locked.it;
    done uuid;
BEGIN
    IF audit.caller() IS NULL OR locked.outcome IS NOT NULL THEN
        RETURN coalesce(locked.outcome, 'none');
    ELSIF it.state = 'closed' THEN
        RETURN 'wrong_state';
    END IF;
    done := CASE WHEN by_pence > 0
        THEN fund.post('grant', 'pot_year', it.id, fund.day_in(it.year),
                       ARRAY[fund.moved(it.id, 'granted', 'free', by_pence)])
        ELSE fund.post('grant_less', 'pot_year', it.id, fund.day_in(it.year),
                       ARRAY[fund.moved(it.id, 'free', 'granted', -by_pence)]) END;
    IF done IS NULL THEN
        RETURN 'short';
    END IF;
    UPDATE fund.pot_year y SET version = it.version + 1 WHERE y.id = it.id;
    RETURN 'done';
END $$;
COMMENT ON FUNCTION fund.change_budget IS
    'Adds to the budget of a year, or takes from what is free of it (below zero).';
GRANT EXECUTE ON FUNCTION fund.change_budget TO haven_app;

-- ---- the course of a year ----

CREATE TABLE fund.year_step (
    state pot_state NOT NULL,
    becomes pot_state NOT NULL,
    after_end boolean NOT NULL,
    PRIMARY KEY (state, becomes)
);
COMMENT ON TABLE fund.year_step IS 'From which state a pot''s year may go to which.';
COMMENT ON COLUMN fund.year_step.state IS 'The state it is in.';
COMMENT ON COLUMN fund.year_step.becomes IS 'The state it may go to.';
COMMENT ON COLUMN fund.year_step.after_end IS 'Only once the year is over, from 1 April on.';
INSERT INTO fund.year_step VALUES ('planned', 'provisional', false), ('planned', 'open', false),
    ('provisional', 'open', false), ('provisional', 'planned', false), ('open', 'soft_closed', true),
    ('soft_closed', 'open', true), ('soft_closed', 'closed', true);
SELECT guard('fund.year_step', 'open');

CREATE FUNCTION fund.unsettled(one uuid) RETURNS TABLE (what fund_account, pence bigint) LANGUAGE sql STABLE AS $$
    SELECT a.kind, a.balance FROM fund.account a
     WHERE a.pot_year_id = one AND a.kind IN ('committed', 'in_payment', 'float') AND a.balance <> 0
    UNION ALL
    SELECT a.kind, a.balance FROM fund.account a JOIN fund.pot_year y ON y.id = one
     WHERE a.organisation_id = y.organisation_id AND a.kind = 'suspense' AND a.balance <> 0
$$;
COMMENT ON FUNCTION fund.unsettled IS
    'What stands in the way of closing a year: promises that are neither paid nor released, payments that are not '
    'confirmed, cards in stock, money that nobody has attributed.';

CREATE FUNCTION fund.lock_accounts(years uuid[]) RETURNS void LANGUAGE sql AS $$
    SELECT FROM fund.account a WHERE a.pot_year_id = ANY (years) ORDER BY a.id FOR NO KEY UPDATE
$$;
COMMENT ON FUNCTION fund.lock_accounts IS 'Locks all accounts of years: what is read of them then stays so.';

CREATE FUNCTION fund.settled(one uuid) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    PERFORM fund.lock_accounts(ARRAY[one]);
    RETURN NOT EXISTS (SELECT FROM fund.unsettled(one));
END $$;
COMMENT ON FUNCTION fund.settled IS
    'Whether nothing of a year is promised or in payment; its accounts are locked then.';

CREATE FUNCTION fund.close_year(it fund.pot_year) RETURNS pot_outcome LANGUAGE plpgsql AS $$
DECLARE
    free bigint;
    carry fund_carry := (SELECT p.carry FROM fund.pot p WHERE p.id = it.pot_id);
    next fund.pot_year;
    last_day date := fund.first_day(it.year + 1) - 1;
    done uuid;
BEGIN
    SELECT * INTO next FROM fund.pot_year y
     WHERE y.pot_id = it.pot_id AND y.year = it.year + 1 AND y.state <> 'closed' FOR NO KEY UPDATE;
    PERFORM fund.lock_accounts(ARRAY[it.id, next.id]);
    free := (SELECT a.balance FROM fund.account a WHERE a.id = fund.account_of(it.id, 'free'));
    IF NOT fund.settled(it.id) THEN
        RETURN 'unsettled';
    ELSIF free = 0 THEN
        RETURN NULL;
    ELSIF carry = 'carry' AND next.id IS NULL THEN
        RETURN 'no_next_year';
    END IF;
    done := CASE carry
        WHEN 'lapse' THEN fund.post('lapse', 'pot_year', it.id, last_day,
                                    ARRAY[fund.moved(it.id, 'free', 'lapsed', free)])
        ELSE fund.post('carry', 'pot_year', it.id, last_day,
                       ARRAY[fund.moved(it.id, 'free', 'carried_out', free),
                             fund.moved(next.id, 'granted', 'free', free)]) END;
    RETURN CASE WHEN done IS NULL THEN 'unsettled' END;
END $$;
COMMENT ON FUNCTION fund.close_year IS
    'What is free at the end lapses, or is carried into the next year as its grant. NULL where the year may close.';

CREATE FUNCTION fund.move_year(one uuid, seen integer, wanted pot_state) RETURNS pot_outcome
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
DECLARE
    locked record := fund.lock_year(one, seen);
    it fund.pot_year := locked.it;
    refused pot_outcome := locked.outcome;
    step fund.year_step;
BEGIN
    IF audit.caller() IS NULL OR refused IS NOT NULL THEN
        RETURN refused;
    END IF;
    SELECT * INTO step FROM fund.year_step s WHERE s.state = it.state AND s.becomes = wanted;
    IF NOT FOUND THEN
        RETURN 'wrong_state';
    ELSIF step.after_end AND today() < fund.first_day(it.year + 1) THEN
        RETURN 'too_early';
    ELSIF wanted = 'planned' AND NOT fund.settled(it.id) THEN
        RETURN 'unsettled';
    ELSIF wanted = 'closed' THEN
        refused := fund.close_year(it);
    END IF;
    IF refused IS NULL THEN
        UPDATE fund.pot_year y SET state = wanted, version = it.version + 1 WHERE y.id = it.id;
    END IF;
    RETURN coalesce(refused, 'done');
END $$;
COMMENT ON FUNCTION fund.move_year IS 'Takes a year of a pot to another state, by fund.year_step.';
GRANT EXECUTE ON FUNCTION fund.move_year TO haven_app;

CREATE FUNCTION fund.closing(one uuid) RETURNS TABLE (what fund_account, pence bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
BEGIN
    IF sees_books() THEN
        RETURN QUERY SELECT u.* FROM fund.pot_year y, fund.unsettled(y.id) u
                      WHERE y.id = one AND y.organisation_id = my_organisation();
    END IF;
END $$;
COMMENT ON FUNCTION fund.closing IS
    'What stands in the way of closing a year, for people who see the books: the dry run.';
GRANT EXECUTE ON FUNCTION fund.closing TO haven_app;

-- ---- what is shown of a pot ----

CREATE VIEW fund.year_view WITH (security_invoker = true) AS
SELECT y.id, y.pot_id, p.organisation_id, o.name AS organisation, p.name, p.funder, y.year,
       fund.year_named(y.year) AS financial_year, y.state,
       p.organisation_id = my_organisation() AS ours, -a.granted AS budget_pence, a.free AS free_pence,
       a.committed AS committed_pence, a.in_payment AS in_payment_pence, a.paid + a.recovered AS spent_pence,
       a.lapsed + a.carried_out AS gone_pence, y.version,
       CASE y.state WHEN 'open' THEN a.free
                    WHEN 'provisional' THEN greatest(0, a.free + a.granted
                        - (a.granted * p.provisional_percent) / 100) ELSE 0 END AS spendable_pence
  FROM fund.pot_year y
  JOIN fund.pot p ON p.id = y.pot_id
  JOIN organisation o ON o.id = p.organisation_id
 CROSS JOIN LATERAL (SELECT coalesce(sum(balance) FILTER (WHERE kind = 'granted'), 0)::bigint AS granted,
                            coalesce(sum(balance) FILTER (WHERE kind = 'free'), 0)::bigint AS free,
                            coalesce(sum(balance) FILTER (WHERE kind = 'committed'), 0)::bigint AS committed,
                            coalesce(sum(balance) FILTER (WHERE kind = 'in_payment'), 0)::bigint AS in_payment,
                            coalesce(sum(balance) FILTER (WHERE kind = 'paid'), 0)::bigint AS paid,
                            coalesce(sum(balance) FILTER (WHERE kind = 'recovered'), 0)::bigint AS recovered,
                            coalesce(sum(balance) FILTER (WHERE kind = 'lapsed'), 0)::bigint AS lapsed,
                            coalesce(sum(balance) FILTER (WHERE kind = 'carried_out'), 0)::bigint AS carried_out
                       FROM fund.account x WHERE x.pot_year_id = y.id) a;
COMMENT ON VIEW fund.year_view IS
    'A pot''s year in pence: the budget is what is free, committed, in payment, spent and gone, since an amount is in '
    'exactly one of them. spendable_pence is what may be promised today.';
GRANT SELECT ON fund.year_view TO haven_app;

-- ---- the key of a request stands in what it books ----

CREATE OR REPLACE FUNCTION begin_request(token bytea, request text, idem_key text, idem_hash bytea)
RETURNS TABLE (session_id uuid, account_id uuid, organisation_id uuid, partnership_id uuid, role text,
               display_name text,
               organisation_name text, expires_at timestamptz)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_hashjoin = off
SET enable_mergejoin = off AS $$
#variable_conflict use_column
DECLARE
    me uuid := open_request(token, request);
    setting text;
BEGIN
    IF idem_key IS NOT NULL THEN
        INSERT INTO idempotency (account_id, key, request_hash) VALUES (me, idem_key, idem_hash) ON CONFLICT DO NOTHING;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'key already used' USING ERRCODE = 'HV409';
        END IF;
        setting := set_config('haven.key', idem_key, true);
        setting := set_config('haven.fingerprint', encode(idem_hash, 'hex'), true);
    END IF;
    RETURN QUERY
    SELECT s.id, a.id, o.id, o.partnership_id, a.role::text, a.display_name, o.name, s.expires_at
      FROM session s JOIN account a ON a.id = s.account_id JOIN organisation o ON o.id = a.organisation_id
     WHERE s.token_hash = sha256(token);
END $$;

-- Keys of what was booked are kept as long as the booking (tidy()), so that a late repeat cannot pay twice.
CREATE INDEX posting_key ON fund.posting (account_id, key) WHERE key IS NOT NULL;
