-- Requests to the fund, approvals, and what is promised.

-- ---- requests ----

CREATE FUNCTION fund.new_reference() RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    fresh text;
BEGIN
    LOOP
        fresh := 'F' || substr(new_reference(), 2);
        EXIT WHEN NOT EXISTS (SELECT FROM fund.request r WHERE r.reference = fresh);
    END LOOP;
    RETURN fresh;
END $$;
COMMENT ON FUNCTION fund.new_reference IS 'A reference of a request, as F-7KQ2MX: made as a case''s is.';

CREATE TABLE fund.request (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    reference text NOT NULL UNIQUE DEFAULT fund.new_reference(),
    household_id uuid NOT NULL REFERENCES household,
    organisation_id uuid NOT NULL REFERENCES organisation,
    keeper_id uuid NOT NULL REFERENCES organisation,
    category fund_category NOT NULL,
    amount_pence bigint NOT NULL CHECK (amount_pence > 0),
    means fund_means NOT NULL,
    needed_on date NOT NULL,
    evidence fund_evidence NOT NULL DEFAULT 'none_yet',
    state fund_state NOT NULL DEFAULT 'requested',
    content integer NOT NULL DEFAULT 1,
    asked_by uuid NOT NULL REFERENCES account,
    changed_by uuid NOT NULL REFERENCES account,
    touched uuid[] NOT NULL DEFAULT '{}',
    asked_at timestamptz NOT NULL DEFAULT now(),
    decided_at timestamptz,
    reason fund_reason,
    version integer NOT NULL DEFAULT 1
);
COMMENT ON TABLE fund.request IS
    'Money asked for a household. It reserves nothing: the first to type would otherwise block the pot.';
COMMENT ON COLUMN fund.request.id IS 'Identity.';
COMMENT ON COLUMN fund.request.reference IS 'What finance calls it; it says nothing of the case.';
COMMENT ON COLUMN fund.request.household_id IS 'The household it is for.';
COMMENT ON COLUMN fund.request.organisation_id IS 'The organisation that asks.';
COMMENT ON COLUMN fund.request.keeper_id IS 'The organisation that keeps the pots it is asked of.';
COMMENT ON COLUMN fund.request.category IS 'What it is for.';
COMMENT ON COLUMN fund.request.amount_pence IS 'Pence, of all its pots together.';
COMMENT ON COLUMN fund.request.means IS 'How it is to be paid.';
COMMENT ON COLUMN fund.request.needed_on IS 'The day on which it is needed; its financial year pays.';
COMMENT ON COLUMN fund.request.evidence IS 'The document that was seen.';
COMMENT ON COLUMN fund.request.state IS 'Where it stands.';
COMMENT ON COLUMN fund.request.content IS
    'Grows with every change but a lower amount, and when it is sent back or opened again: an approval is for what the '
    'approver saw.';
COMMENT ON COLUMN fund.request.asked_by IS 'The person who asked.';
COMMENT ON COLUMN fund.request.changed_by IS 'The person who last changed it.';
COMMENT ON COLUMN fund.request.touched IS
    'Everybody who asked for it, changed it or opened it again, ever: nobody of them approves it.';
COMMENT ON COLUMN fund.request.asked_at IS 'When it was asked for.';
COMMENT ON COLUMN fund.request.decided_at IS 'When it came to its present state, if that is a decision.';
COMMENT ON COLUMN fund.request.reason IS 'Why it was sent back, rejected or cancelled.';
COMMENT ON COLUMN fund.request.version IS 'Grows by one with each change; the ETag.';
CREATE INDEX request_asked ON fund.request (organisation_id, needed_on, id);
CREATE INDEX request_household ON fund.request (household_id, asked_at, id);
CREATE INDEX request_listed ON fund.request (keeper_id, needed_on, id);
CREATE INDEX request_waiting ON fund.request (keeper_id, needed_on, id) WHERE state IN ('requested', 'second_needed');
SELECT guard('fund.request', 'alone', erase => 'kept');

CREATE POLICY cases ON fund.request FOR SELECT TO haven_app USING ((SELECT sees_cases()) AND case_seen(household_id));
CREATE POLICY books ON fund.request FOR SELECT TO haven_app
    USING (((SELECT sees_books()) OR (SELECT approves_fund())) AND keeper_id = (SELECT my_organisation())
           AND household_id NOT IN (SELECT withheld_cases()));

CREATE TABLE fund.part (
    request_id uuid NOT NULL REFERENCES fund.request,
    n smallint NOT NULL CHECK (n BETWEEN 1 AND 10),
    pot_year_id uuid NOT NULL REFERENCES fund.pot_year,
    amount_pence bigint NOT NULL CHECK (amount_pence > 0),
    PRIMARY KEY (request_id, n),
    CONSTRAINT part_once UNIQUE (request_id, pot_year_id)
);
COMMENT ON TABLE fund.part IS 'The pots that a request is asked of, and how much of each.';
COMMENT ON COLUMN fund.part.request_id IS 'The request.';
COMMENT ON COLUMN fund.part.n IS 'Order.';
COMMENT ON COLUMN fund.part.pot_year_id IS 'The pot''s year.';
COMMENT ON COLUMN fund.part.amount_pence IS 'Pence.';
CREATE INDEX part_pot_year ON fund.part (pot_year_id);
SELECT guard('fund.part', 'alone', recorded => false);
CREATE POLICY requests ON fund.part FOR SELECT TO haven_app USING (request_id IN (SELECT r.id FROM fund.request r));

CREATE TABLE fund.approval (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    request_id uuid NOT NULL REFERENCES fund.request,
    household_id uuid NOT NULL REFERENCES household,
    keeper_id uuid NOT NULL REFERENCES organisation,
    content integer NOT NULL,
    amount_pence bigint NOT NULL,
    approved_by uuid NOT NULL REFERENCES account,
    approved_at timestamptz NOT NULL DEFAULT now(),
    limit_id uuid NOT NULL REFERENCES fund.approval_limit,
    lane fund_lane,
    overruled fund_overrule,
    alike uuid[] NOT NULL DEFAULT '{}',
    review_on date,
    reviewed_by uuid REFERENCES account,
    reviewed_at timestamptz,
    upheld boolean,
    CONSTRAINT approval_once UNIQUE (request_id, content, approved_by),
    CONSTRAINT approval_in_lane CHECK ((lane IS NULL) = (review_on IS NULL)),
    CONSTRAINT approval_reviewed CHECK ((reviewed_at IS NULL) = (reviewed_by IS NULL)
                                        AND (reviewed_at IS NULL) = (upheld IS NULL) AND reviewed_by <> approved_by)
);
COMMENT ON TABLE fund.approval IS 'Who approved what, and by which limit. Rows are only added, and reviewed.';
COMMENT ON COLUMN fund.approval.id IS 'Identity.';
COMMENT ON COLUMN fund.approval.request_id IS 'The request.';
COMMENT ON COLUMN fund.approval.household_id IS 'The household that it is for: its trail has the approval.';
COMMENT ON COLUMN fund.approval.keeper_id IS 'The organisation that keeps the pots.';
COMMENT ON COLUMN fund.approval.content IS 'What of the request the person saw (fund.request.content).';
COMMENT ON COLUMN fund.approval.amount_pence IS 'The amount that the person saw.';
COMMENT ON COLUMN fund.approval.approved_by IS 'The person.';
COMMENT ON COLUMN fund.approval.approved_at IS 'When.';
COMMENT ON COLUMN fund.approval.limit_id IS 'The limit that it was within.';
COMMENT ON COLUMN fund.approval.lane IS 'Why it was decided in the emergency lane; NULL otherwise.';
COMMENT ON COLUMN fund.approval.overruled IS 'Why it was approved although a request like it was made.';
COMMENT ON COLUMN fund.approval.alike IS 'The requests like it that the person was shown.';
COMMENT ON COLUMN fund.approval.review_on IS 'Working day by which a colleague reviews what was decided in the lane.';
COMMENT ON COLUMN fund.approval.reviewed_by IS 'The colleague.';
COMMENT ON COLUMN fund.approval.reviewed_at IS 'When.';
COMMENT ON COLUMN fund.approval.upheld IS 'Whether the colleague would have decided the same.';
CREATE INDEX approval_lane ON fund.approval (approved_by, approved_at) WHERE lane IS NOT NULL;
CREATE INDEX approval_unreviewed ON fund.approval (keeper_id, review_on, id)
    WHERE lane IS NOT NULL AND reviewed_at IS NULL;
SELECT guard('fund.approval', 'alone', erase => 'kept');
CREATE POLICY requests ON fund.approval FOR SELECT TO haven_app USING (request_id IN (SELECT r.id FROM fund.request r));

-- ---- commitments ----

CREATE TABLE fund.commitment (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    organisation_id uuid NOT NULL REFERENCES organisation,
    cause fund_cause NOT NULL,
    cause_id uuid NOT NULL,
    household_id uuid REFERENCES household,
    pot_year_id uuid NOT NULL REFERENCES fund.pot_year,
    promised bigint NOT NULL CHECK (promised > 0),
    open bigint NOT NULL CHECK (open >= 0),
    in_payment bigint NOT NULL DEFAULT 0 CHECK (in_payment >= 0),
    paid bigint NOT NULL DEFAULT 0 CHECK (paid >= 0),
    released bigint NOT NULL DEFAULT 0 CHECK (released >= 0),
    expires_on date,
    committed_on date NOT NULL DEFAULT today(),
    version integer NOT NULL DEFAULT 1,
    CONSTRAINT commitment_parts CHECK (promised = open + in_payment + paid + released)
) WITH (fillfactor = 70);
COMMENT ON TABLE fund.commitment IS
    'Money promised for a cause out of a pot''s year. What is open over all commitments of a year is its account '
    'committed. Its cause is anything that the fund pays for: one interface for all of them.';
COMMENT ON COLUMN fund.commitment.id IS 'Identity.';
COMMENT ON COLUMN fund.commitment.organisation_id IS 'The organisation that keeps the pot.';
COMMENT ON COLUMN fund.commitment.cause IS 'What kind of thing it is for.';
COMMENT ON COLUMN fund.commitment.cause_id IS 'The thing that it is for.';
COMMENT ON COLUMN fund.commitment.household_id IS 'The household that it is for, where it is for one.';
COMMENT ON COLUMN fund.commitment.pot_year_id IS 'The pot''s year.';
COMMENT ON COLUMN fund.commitment.promised IS 'Pence; all that was ever promised.';
COMMENT ON COLUMN fund.commitment.open IS 'Pence that are neither in payment, paid nor released.';
COMMENT ON COLUMN fund.commitment.in_payment IS 'Pence in a payment that is not confirmed.';
COMMENT ON COLUMN fund.commitment.paid IS 'Pence paid.';
COMMENT ON COLUMN fund.commitment.released IS 'Pence given back to the pot.';
COMMENT ON COLUMN fund.commitment.expires_on IS
    'From this day on nothing more is paid of it, whether or not a job has released it; NULL: it does not expire.';
COMMENT ON COLUMN fund.commitment.committed_on IS 'The London day of the promise.';
COMMENT ON COLUMN fund.commitment.version IS 'Grows by one with each change.';
CREATE INDEX commitment_cause ON fund.commitment (cause_id);
CREATE INDEX commitment_pot_year ON fund.commitment (pot_year_id, id);
CREATE INDEX commitment_expiry ON fund.commitment (expires_on, id) WHERE open > 0;
SELECT guard('fund.commitment', 'books', erase => 'kept');
CREATE POLICY requests ON fund.commitment FOR SELECT TO haven_app
    USING ((SELECT sees_cases()) AND cause = 'request' AND cause_id IN (SELECT r.id FROM fund.request r));

CREATE FUNCTION fund.hold_years(years uuid[]) RETURNS void LANGUAGE sql AS $$
    SELECT FROM fund.pot_year y WHERE y.id = ANY (years) ORDER BY y.id FOR KEY SHARE
$$;
COMMENT ON FUNCTION fund.hold_years IS 'Keeps the states of years as they are until the end of the transaction.';

CREATE FUNCTION fund.commit_money(of_cause fund_cause, of_cause_id uuid, home uuid, pot_years uuid[], amounts bigint[],
                                  until_day date) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    posting uuid;
BEGIN
    posting := fund.post('commit', of_cause, of_cause_id,
        (SELECT max(fund.day_in(y.year)) FROM fund.pot_year y WHERE y.id = ANY (pot_years)),
        ARRAY(SELECT fund.moved(p.id, 'free', 'committed', p.amount)
                FROM unnest(pot_years, amounts) WITH ORDINALITY p (id, amount, n) ORDER BY p.n), home);
    IF posting IS NULL THEN
        RETURN false;
    END IF;
    INSERT INTO fund.commitment (organisation_id, cause, cause_id, household_id, pot_year_id, promised, open,
                                 expires_on)
    SELECT y.organisation_id, of_cause, of_cause_id, home, y.id, p.amount, p.amount, until_day
      FROM unnest(pot_years, amounts) p (id, amount) JOIN fund.pot_year y ON y.id = p.id;
    RETURN true;
END $$;
COMMENT ON FUNCTION fund.commit_money IS
    'Promises money of one or more pots for a cause, all or nothing; false where a pot has not enough.';

CREATE FUNCTION fund.release(one fund.commitment) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF one.open > 0 THEN
        UPDATE fund.commitment c SET open = 0, released = one.released + one.open, version = one.version + 1
         WHERE c.id = one.id;
        PERFORM fund.post('release', one.cause, one.cause_id,
                          (SELECT fund.day_in(y.year) FROM fund.pot_year y WHERE y.id = one.pot_year_id),
                          ARRAY[fund.moved(one.pot_year_id, 'committed', 'free', one.open)], one.household_id);
    END IF;
END $$;
COMMENT ON FUNCTION fund.release IS 'Gives what is open of a commitment, which is locked, back to its pot.';

CREATE FUNCTION fund.release_all(of_cause_id uuid) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    one fund.commitment;
BEGIN
    FOR one IN SELECT * FROM fund.commitment c WHERE c.cause_id = of_cause_id ORDER BY c.id FOR NO KEY UPDATE LOOP
        PERFORM fund.release(one);
    END LOOP;
END $$;
COMMENT ON FUNCTION fund.release_all IS 'Gives back what is open of all commitments of a cause.';
