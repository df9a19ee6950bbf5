-- Who is paid. Bank details are sealed in the vault with the household's key. Who pays is shown them, one at a time and
-- recorded; who approves never is. Another person checks them before anything is paid, and what is changed after an
-- approval needs an approver's agreement again.

CREATE FUNCTION add_codes(of_domain regtype, more text[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    rule text;
    codes text[];
BEGIN
    SELECT k.conname, ARRAY(SELECT m[1] FROM regexp_matches(pg_get_constraintdef(k.oid), '''([^'']+)''', 'g') m)
      INTO STRICT rule, codes FROM pg_constraint k WHERE k.contypid = of_domain;
    EXECUTE format('ALTER DOMAIN %s DROP CONSTRAINT %I', of_domain, rule);
    EXECUTE format('ALTER DOMAIN %s ADD CONSTRAINT %I CHECK (VALUE IN (%s))', of_domain, rule,
                   (SELECT string_agg(quote_literal(c), ', ') FROM unnest(codes || more) c));
END $$;
COMMENT ON FUNCTION add_codes IS 'Adds codes to the closed list of a domain.';

CREATE DOMAIN payee_kind AS text CHECK (VALUE IN ('household', 'landlord', 'supplier', 'service'));
COMMENT ON DOMAIN payee_kind IS 'Who is paid: what an approver sees of a payee.';

CREATE DOMAIN payee_purpose AS text CHECK (VALUE IN ('check_payee', 'pay'));
COMMENT ON DOMAIN payee_purpose IS
    'Why a payee''s bank details are opened: to check them, or to write the file of a payment run.';

SELECT add_codes('fund_request_act', '{payee,agree_payee,issue}');

SELECT add_codes('fund_outcome', '{means,serial_used,lapsed,unread}');

INSERT INTO fund.request_step VALUES
    ('requested', 'payee', 'asker'), ('second_needed', 'payee', 'asker'), ('sent_back', 'payee', 'asker'),
    ('approved', 'payee', 'asker'), ('approved', 'agree_payee', 'approver'), ('approved', 'issue', 'asker');

-- ---- the register ----

CREATE TABLE fund.payee (
    id uuid PRIMARY KEY,
    request_id uuid NOT NULL REFERENCES fund.request,
    household_id uuid NOT NULL REFERENCES household,
    kind payee_kind NOT NULL,
    n smallint NOT NULL CHECK (n > 0),
    content integer NOT NULL,
    recorded_by uuid NOT NULL REFERENCES account,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    verified_by uuid REFERENCES account,
    verified_at timestamptz,
    refused_at timestamptz,
    ended_at timestamptz,
    CONSTRAINT payee_order UNIQUE (request_id, n),
    CONSTRAINT payee_checked CHECK ((verified_by IS NULL) = (verified_at IS NULL) AND verified_by <> recorded_by)
);
COMMENT ON TABLE fund.payee IS 'Register of the bank details that are sealed for a request. It has none of them.';
COMMENT ON COLUMN fund.payee.id IS 'The row in the vault.';
COMMENT ON COLUMN fund.payee.request_id IS 'The request.';
COMMENT ON COLUMN fund.payee.household_id IS 'The household that it is for: its trail has it.';
COMMENT ON COLUMN fund.payee.kind IS 'Who it is.';
COMMENT ON COLUMN fund.payee.n IS 'Which payee of the request it is: from the second on it is a changed one.';
COMMENT ON COLUMN fund.payee.content IS
    'What the request is with it (fund.request.content): approvals of less do not cover a changed payee.';
COMMENT ON COLUMN fund.payee.recorded_by IS 'The person who recorded it.';
COMMENT ON COLUMN fund.payee.recorded_at IS 'When.';
COMMENT ON COLUMN fund.payee.verified_by IS 'The person who checked it with the payee; never the one who recorded it.';
COMMENT ON COLUMN fund.payee.verified_at IS 'When.';
COMMENT ON COLUMN fund.payee.refused_at IS 'When a payment to it came back: it must be asked for again.';
COMMENT ON COLUMN fund.payee.ended_at IS 'When another one took its place.';
CREATE UNIQUE INDEX payee_now ON fund.payee (request_id) WHERE ended_at IS NULL;
SELECT guard('fund.payee', 'alone', erase => 'kept');
CREATE POLICY requests ON fund.payee FOR SELECT TO haven_app USING (request_id IN (SELECT r.id FROM fund.request r));

CREATE TABLE vault.payee (
    id uuid PRIMARY KEY REFERENCES fund.payee,
    household_id uuid NOT NULL REFERENCES household,
    sealed bytea NOT NULL CHECK (get_byte(sealed, 0) = 1 AND get_byte(sealed, 1) = 6
                                 AND octet_length(sealed) % 512 = 50),
    account_hash text NOT NULL
);
COMMENT ON TABLE vault.payee IS 'Bank details of who is paid.';
COMMENT ON COLUMN vault.payee.id IS 'The payee.';
COMMENT ON COLUMN vault.payee.household_id IS 'The household with whose key it is sealed.';
COMMENT ON COLUMN vault.payee.sealed IS 'Name of the account, sort code, account number.';
COMMENT ON COLUMN vault.payee.account_hash IS
    'Keyed hash of sort code and account number, by which one account of several households is noticed.';
CREATE INDEX payee_account ON vault.payee (account_hash);
SELECT guard('vault.payee', 'owner', erase => 'rows');

CREATE FUNCTION fund.payee_of(request uuid) RETURNS fund.payee LANGUAGE plpgsql STABLE AS $$
DECLARE
    it fund.payee;
BEGIN
    SELECT p.* INTO it FROM fund.payee p WHERE p.request_id = request AND p.ended_at IS NULL;
    RETURN it;
END $$;
COMMENT ON FUNCTION fund.payee_of IS 'The payee of a request as it is now.';

CREATE FUNCTION fund.has_account(means fund_means) RETURNS boolean LANGUAGE sql IMMUTABLE AS
$$ SELECT means IN ('bank_transfer', 'supplier') $$;
COMMENT ON FUNCTION fund.has_account IS 'Whether such a payment goes to an account, in a payment run.';
GRANT EXECUTE ON FUNCTION fund.has_account TO haven_app;

CREATE FUNCTION fund.put_payee(one uuid, seen integer, payee uuid, of_kind payee_kind, sealed bytea, hash text)
RETURNS fund.told LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
DECLARE
    me uuid := audit.caller();
    claimed record := fund.claim(one, seen, 'payee');
    it fund.request := claimed.it;
    was fund.payee := fund.payee_of(one);
    told fund.told;
BEGIN
    told.outcome := CASE WHEN claimed.outcome IS NOT NULL THEN claimed.outcome
        WHEN NOT fund.has_account(it.means) THEN 'means'
        WHEN EXISTS (SELECT FROM fund.commitment c WHERE c.cause_id = one AND c.in_payment > 0) THEN 'wrong_state' END;
    IF told.outcome IS NOT NULL THEN
        RETURN told;
    END IF;
    it.content := it.content + (was.id IS NOT NULL)::integer;
    UPDATE fund.payee p SET ended_at = now() WHERE p.id = was.id;
    INSERT INTO fund.payee (id, request_id, household_id, kind, n, content, recorded_by)
    VALUES (payee, one, it.household_id, of_kind, coalesce(was.n, 0) + 1, it.content, me);
    PERFORM vault.hold_key('household', it.household_id);
    INSERT INTO vault.payee VALUES (payee, it.household_id, sealed, hash);
    UPDATE fund.request r
       SET content = it.content, changed_by = me, touched = fund.also(it.touched, me), version = it.version + 1,
           state = CASE WHEN it.state = 'second_needed' AND was.id IS NOT NULL THEN 'requested' ELSE it.state END
     WHERE r.id = one;
    RETURN ROW('done', one, NULL, NULL, NULL)::fund.told;
END $$;
COMMENT ON FUNCTION fund.put_payee IS
    'Records who is paid for a request, sealed. The first one may come after the approval, which then stands, since '
    'it is checked by another person before anything is paid; another one needs approval again.';
GRANT EXECUTE ON FUNCTION fund.put_payee TO haven_app;

CREATE OR REPLACE FUNCTION fund.reads_only(home uuid, act fund_request_act) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT act IN ('change', 'cancel', 'reopen', 'payee', 'issue') AND may_place() AND case_seen(home)
$$;

-- ---- checked and agreed ----

CREATE FUNCTION fund.pays_for(r fund.request) RETURNS boolean LANGUAGE sql STABLE AS
$$ SELECT coalesce(keeps_fund() AND r.keeper_id = my_organisation() AND fund.shown(r.household_id), false) $$;
COMMENT ON FUNCTION fund.pays_for IS 'Whether the caller pays what is promised for a request.';
GRANT EXECUTE ON FUNCTION fund.pays_for TO haven_app;

CREATE FUNCTION fund.verify_payee(one uuid) RETURNS fund.told
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
DECLARE
    me uuid := audit.caller();
    it fund.payee;
    told fund.told;
BEGIN
    SELECT p.* INTO it FROM fund.payee p JOIN fund.request r ON r.id = p.request_id
     WHERE p.id = one AND p.ended_at IS NULL AND fund.pays_for(r) FOR NO KEY UPDATE OF p;
    told.id := it.request_id;
    told.outcome := CASE WHEN it.id IS NULL OR me IS NULL THEN 'none'
        WHEN it.verified_at IS NOT NULL OR it.refused_at IS NOT NULL THEN 'wrong_state'
        WHEN it.recorded_by = me OR (SELECT fund.touched_by(r, me) FROM fund.request r WHERE r.id = it.request_id)
             OR EXISTS (SELECT FROM fund.approval a WHERE a.request_id = it.request_id AND a.approved_by = me)
             THEN 'own'
        WHEN NOT EXISTS (SELECT FROM audit.event e
                          WHERE e.subject_id = one AND e.subject_kind = 'payee' AND e.action = 'reveal'
                            AND e.account_id = me) THEN 'unread'
        ELSE 'done' END;
    IF told.outcome = 'done' THEN
        UPDATE fund.payee p SET verified_by = me, verified_at = now() WHERE p.id = one;
        UPDATE fund.request r SET version = r.version + 1 WHERE r.id = it.request_id;
    END IF;
    RETURN told;
END $$;
COMMENT ON FUNCTION fund.verify_payee IS
    'Records that the caller, who pays, was shown the bank details and checked them with the payee by another way.';
GRANT EXECUTE ON FUNCTION fund.verify_payee TO haven_app;

CREATE FUNCTION fund.approvals_of(request uuid, since integer) RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT count(DISTINCT a.approved_by) FROM fund.approval a WHERE a.request_id = request AND a.content >= since
$$;
COMMENT ON FUNCTION fund.approvals_of IS 'The people who approved a request as it is since that content.';

-- As many people as ever approved the request together must agree: one, or two.
CREATE FUNCTION fund.agreed(p fund.payee) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN p.n = 1 OR fund.approvals_of(p.request_id, p.content)
        >= coalesce((SELECT count(DISTINCT a.approved_by) AS people FROM fund.approval a
                      WHERE a.request_id = p.request_id AND a.content < p.content
                      GROUP BY a.content ORDER BY people DESC LIMIT 1), 1);
END $$;
COMMENT ON FUNCTION fund.agreed IS 'Whether the approvals of a request cover its payee.';

CREATE FUNCTION fund.decided_alone(request uuid, person uuid DEFAULT NULL) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN EXISTS (SELECT FROM fund.approval a
                    WHERE a.request_id = request AND a.lane IS NOT NULL AND a.reviewed_at IS NULL
                      AND (person IS NULL OR a.approved_by = person));
END $$;
COMMENT ON FUNCTION fund.decided_alone IS
    'Whether somebody, or that person, decided on a request alone and no colleague has reviewed it.';

CREATE OR REPLACE FUNCTION fund.own_request(r fund.request, person uuid) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT fund.touched_by(r, person)
        OR EXISTS (SELECT FROM fund.approval a
                    WHERE a.request_id = r.id AND a.content = r.content AND a.approved_by = person)
        OR EXISTS (SELECT FROM fund.payee p WHERE p.request_id = r.id AND p.verified_by = person)
$$;

CREATE FUNCTION fund.agree_payee(one uuid, seen integer) RETURNS fund.told
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
DECLARE
    me uuid := audit.caller();
    claimed record := fund.claim(one, seen, 'agree_payee');
    it fund.request := claimed.it;
    rule fund.approval_limit := fund.limit_for(it, audit.me('role'));
    told fund.told;
BEGIN
    told.outcome := CASE WHEN claimed.outcome IS NOT NULL THEN claimed.outcome
        WHEN NOT coalesce((SELECT NOT fund.agreed(p) FROM fund.payee_of(one) p WHERE p.id IS NOT NULL), false)
             THEN 'wrong_state'
        WHEN fund.own_request(it, me) OR fund.decided_alone(one, me) THEN 'own' END;
    IF told.outcome IS NULL THEN
        told := fund.within_limit(it, rule);
    END IF;
    IF told.outcome IS NOT NULL THEN
        RETURN told;
    END IF;
    INSERT INTO fund.approval (request_id, household_id, keeper_id, content, amount_pence, approved_by, limit_id)
    VALUES (one, it.household_id, it.keeper_id, it.content, it.amount_pence, me, rule.id);
    UPDATE fund.request r SET version = it.version + 1 WHERE r.id = one;
    told.outcome := 'done';
    RETURN told;
END $$;
COMMENT ON FUNCTION fund.agree_payee IS
    'Approves that money which is promised goes to another payee than when it was approved, within the same limits.';
GRANT EXECUTE ON FUNCTION fund.agree_payee TO haven_app;

-- ---- what the approvers and who pays see ----

CREATE FUNCTION fund.shared_account(one uuid) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
BEGIN
    RETURN audit.me('account') IS NOT NULL
       AND EXISTS (SELECT FROM fund.payee p JOIN fund.request r ON r.id = p.request_id
                     JOIN vault.payee v ON v.id = p.id
                     JOIN vault.payee w ON w.account_hash = v.account_hash AND w.household_id <> v.household_id
                     JOIN fund.payee o ON o.id = w.id
                    WHERE p.id = one AND (fund.pays_for(r) OR fund.on_side(r, 'approver'))
                      AND p.kind = 'household' AND o.kind = 'household' AND o.ended_at IS NULL
                      AND fund.shown(o.household_id));
END $$;
COMMENT ON FUNCTION fund.shared_account IS
    'Whether an account that is said to be the household''s own is also said to be another household''s: told to the '
    'people who pay or approve. Landlords, suppliers and services are paid for many.';
GRANT EXECUTE ON FUNCTION fund.shared_account TO haven_app;

CREATE FUNCTION fund.payee_agreed(one uuid) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
BEGIN
    IF audit.me('account') IS NULL THEN
        RETURN NULL;
    END IF;
    RETURN (SELECT fund.agreed(p) FROM fund.payee p JOIN fund.request r ON r.id = p.request_id
             WHERE p.id = one AND fund.request_seen(r));
END $$;
COMMENT ON FUNCTION fund.payee_agreed IS 'Whether the approvals cover a payee, for people who see its request.';
GRANT EXECUTE ON FUNCTION fund.payee_agreed TO haven_app;

CREATE OR REPLACE FUNCTION fund.acts_of(r fund.request) RETURNS text[] LANGUAGE sql STABLE AS $$
    SELECT ARRAY(SELECT s.act::text FROM fund.request_step s
                  WHERE s.state = r.state AND fund.on_side(r, s.side)
                    AND NOT (s.act IN ('approve', 'approve_now', 'agree_payee')
                             AND fund.own_request(r, audit.me('account')::uuid))
                    AND NOT (s.act IN ('reject', 'send_back')
                             AND fund.touched_by(r, audit.me('account')::uuid))
                    AND (s.act <> 'payee' OR fund.has_account(r.means))
                    AND (s.act <> 'issue' OR NOT fund.has_account(r.means))
                    AND (s.act <> 'agree_payee'
                         OR EXISTS (SELECT FROM fund.payee p WHERE p.request_id = r.id AND p.ended_at IS NULL
                                       AND NOT fund.payee_agreed(p.id)))
                  ORDER BY s.act)
$$;
