-- What a promise of money costs. An SQL function with a FROM is planned anew at every call, where a PL/pgSQL function
-- keeps its plans: finding two accounts and hashing cost more than booking did. The acts and their order are as before.

CREATE OR REPLACE FUNCTION fund.digest_of(act fund_act, cause fund_cause, cause_id uuid, value_on date,
                                          moves fund.movement[]) RETURNS bytea LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    m fund.movement;
    said text := concat_ws('|', act, cause, cause_id, to_char(value_on, 'YYYY-MM-DD'));
    mark text := '|';
BEGIN
    FOREACH m IN ARRAY coalesce(moves, '{}') LOOP
        said := said || mark || m.from_account || '>' || m.to_account || ':' || m.amount;
        mark := ',';
    END LOOP;
    RETURN sha256(convert_to(said, 'UTF8'));
END $$;

CREATE OR REPLACE FUNCTION fund.account_of(of_year uuid, of_kind fund_account) RETURNS bigint
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT a.id FROM fund.account a WHERE a.pot_year_id = of_year AND a.kind = of_kind);
END $$;

-- All accounts are locked first, in their order, then everything is checked, then written: what is refused has
-- changed nothing. A source (granted, recovered) may always give; nothing else gives what it has not.
CREATE OR REPLACE FUNCTION fund.post(act fund_act, cause fund_cause, cause_id uuid, value_on date,
                                     moves fund.movement[], home uuid DEFAULT NULL, reverses uuid DEFAULT NULL)
RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE
    posting uuid := gen_random_uuid();
    keeper uuid;
    m fund.movement;
    n smallint := 0;
    place bigint;
    touched bigint[] := ARRAY(SELECT unnest(ARRAY[v.from_account, v.to_account]) FROM unnest(moves) v);
BEGIN
    -- an array, not the query that makes it: of that the planner expects so many rows that it reads all accounts
    PERFORM FROM fund.account a WHERE a.id = ANY (touched) ORDER BY a.id FOR NO KEY UPDATE;
    IF EXISTS (SELECT FROM fund.account a
                 JOIN (SELECT e.id, sum(e.amount) AS net
                         FROM unnest(moves) v
                        CROSS JOIN LATERAL (VALUES (v.from_account, -v.amount), (v.to_account, v.amount)) e (id, amount)
                        GROUP BY e.id) s ON s.id = a.id
                WHERE CASE WHEN a.kind IN ('granted', 'recovered') THEN a.balance + s.net > 0
                           WHEN a.kind IN ('suspense', 'bank_seen') THEN false ELSE a.balance + s.net < 0 END) THEN
        RETURN NULL;
    END IF;
    SELECT a.organisation_id INTO STRICT keeper FROM fund.account a WHERE a.id = moves[1].from_account;
    INSERT INTO fund.posting (id, organisation_id, act, cause, cause_id, household_id, value_on, account_id, key,
                              fingerprint, reverses, digest)
    VALUES (posting, keeper, act, cause, cause_id, home, value_on, audit.me('account')::uuid, audit.me('key'),
            audit.me('fingerprint'), reverses, fund.digest_of(act, cause, cause_id, value_on, moves))
    RETURNING seq INTO place;
    FOREACH m IN ARRAY moves LOOP
        n := n + 1;
        WITH source AS (
            UPDATE fund.account a SET balance = a.balance - m.amount, version = a.version + 1
             WHERE a.id = m.from_account
            RETURNING a.version, a.balance, a.pot_year_id
        ), target AS (
            UPDATE fund.account a SET balance = a.balance + m.amount, version = a.version + 1
             WHERE a.id = m.to_account
            RETURNING a.version, a.balance
        )
        INSERT INTO fund.transfer
        SELECT posting, n, place, s.pot_year_id, m.from_account, m.to_account, m.amount, s.version, s.balance,
               t.version, t.balance
          FROM source s, target t;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'an account of a movement is not there';
        END IF;
    END LOOP;
    RETURN posting;
END $$;

-- ---- what every decision on a request looks up ----

-- fund.had() stays as it was: it is best planned for the households that it is asked of.

CREATE OR REPLACE FUNCTION fund.same_homes(home uuid) RETURNS uuid[] LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN home || ARRAY(SELECT c.id FROM cases_of_same_people(home) c WHERE c.exact);
END $$;

CREATE OR REPLACE FUNCTION fund.pots_allow(r fund.request) RETURNS fund_outcome LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT CASE WHEN bool_or(y.state NOT IN ('open', 'provisional')) THEN 'pot_closed'
                        WHEN bool_or(NOT fund.may_spend(t, r.organisation_id)) THEN 'no_pot'
                        WHEN bool_or(r.category <> ALL (t.categories)) THEN 'category' END
              FROM fund.part p JOIN fund.pot_year y ON y.id = p.pot_year_id JOIN fund.pot t ON t.id = y.pot_id
             WHERE p.request_id = r.id);
END $$;

CREATE OR REPLACE FUNCTION fund.keeper_of(one uuid) RETURNS uuid LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT y.organisation_id FROM fund.part p JOIN fund.pot_year y ON y.id = p.pot_year_id
             WHERE p.request_id = one LIMIT 1);
END $$;

CREATE OR REPLACE FUNCTION fund.lock_homes(home uuid) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    homes uuid[] := fund.same_homes(home);
BEGIN
    PERFORM FROM household h WHERE h.id = ANY (homes) ORDER BY h.id FOR NO KEY UPDATE;
END $$;

CREATE OR REPLACE FUNCTION fund.hold_years(years uuid[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM fund.pot_year y WHERE y.id = ANY (years) ORDER BY y.id FOR KEY SHARE;
END $$;

CREATE OR REPLACE FUNCTION fund.end_tasks(request uuid, kinds text[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    UPDATE task t SET ended_as = 'done', ended_at = now(), ended_by = audit.me('account')::uuid, version = t.version + 1
     WHERE t.about_id = request AND t.kind = ANY (kinds) AND t.ended_at IS NULL;
END $$;
