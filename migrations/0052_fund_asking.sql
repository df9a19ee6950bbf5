-- Asking the fund: request, change, and what is compared with it. The states are a table of data
-- (fund.request_step); what an act needs besides stands in the act's function. A refusal has changed nothing.

-- ---- what a household has had, and what is like a request ----

CREATE FUNCTION fund.same_homes(home uuid) RETURNS uuid[] LANGUAGE sql STABLE AS $$
    SELECT home || ARRAY(SELECT c.id FROM cases_of_same_people(home) c WHERE c.exact)
$$;
COMMENT ON FUNCTION fund.same_homes IS 'A household and those that surely share a member with it.';

-- The keeper of a pot decides for all cases that it is asked for, also of another organisation. Cases that are denied
-- to the caller, or restricted to others, are not there.
CREATE FUNCTION fund.shown(home uuid) RETURNS boolean LANGUAGE sql STABLE AS
$$ SELECT case_of_partners(home) AND home NOT IN (SELECT withheld_cases()) $$;
COMMENT ON FUNCTION fund.shown IS
    'Whether the caller may know, as the keeper of a pot, that the fund is asked for a case.';
GRANT EXECUTE ON FUNCTION fund.shown TO haven_app;

CREATE FUNCTION fund.of_same_group(category fund_category) RETURNS text[] LANGUAGE sql STABLE AS $$
    SELECT ARRAY(SELECT o.code::text FROM fund.category o
                   JOIN fund.category g ON g.of_group = o.of_group WHERE g.code = of_same_group.category)
$$;
COMMENT ON FUNCTION fund.of_same_group IS 'The categories that count to the same ceiling as this one.';

CREATE FUNCTION fund.had(homes uuid[], of_categories text[], since date, but uuid) RETURNS bigint
LANGUAGE sql STABLE AS $$
    SELECT coalesce(sum(c.promised - c.released), 0)::bigint
      FROM fund.request r JOIN fund.commitment c ON c.cause_id = r.id
     WHERE r.household_id = ANY (homes) AND r.category = ANY (of_categories) AND r.id IS DISTINCT FROM but
       AND c.committed_on > since
$$;
COMMENT ON FUNCTION fund.had IS
    'Pence promised to households for categories since a day, less what was released, without one request.';

CREATE TABLE fund.elsewhere (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    household_id uuid NOT NULL REFERENCES household,
    category fund_category NOT NULL,
    amount_pence bigint CHECK (amount_pence > 0),
    paid_on date NOT NULL,
    funder text NOT NULL CHECK (funder <> ''),
    recorded_by uuid REFERENCES account,
    recorded_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE fund.elsewhere IS 'Money that another fund gave a household, as its case worker was told.';
COMMENT ON COLUMN fund.elsewhere.id IS 'Identity.';
COMMENT ON COLUMN fund.elsewhere.household_id IS 'The household.';
COMMENT ON COLUMN fund.elsewhere.category IS 'What it was for.';
COMMENT ON COLUMN fund.elsewhere.amount_pence IS 'Pence; NULL is not known.';
COMMENT ON COLUMN fund.elsewhere.paid_on IS 'The day.';
COMMENT ON COLUMN fund.elsewhere.funder IS 'Whose fund.';
COMMENT ON COLUMN fund.elsewhere.recorded_by IS 'The person who recorded it.';
COMMENT ON COLUMN fund.elsewhere.recorded_at IS 'When.';
CREATE INDEX elsewhere_household ON fund.elsewhere (household_id, category);
SELECT guard('fund.elsewhere', 'case', writes => 'insert', erase => 'rows');

-- Compared with every request that is live, not only with approved ones. An empty value never equals an empty value:
-- people are compared by their keyed hashes, of which a person without name and date of birth has none.
CREATE FUNCTION fund.alike(r fund.request)
RETURNS TABLE (level text, rule text, id uuid, reference text, on_day date, amount_pence bigint)
LANGUAGE sql STABLE AS $$
    WITH live AS (
        SELECT o.*, o.household_id = r.household_id AS own, k.exact
          FROM (SELECT r.household_id AS id, true AS exact UNION ALL
                SELECT c.id, c.exact FROM cases_of_same_people(r.household_id) c) k
          JOIN fund.request o ON o.household_id = k.id
         WHERE (audit.me('account') IS NULL OR fund.shown(o.household_id)) AND o.id <> r.id
           AND o.category = r.category AND o.state NOT IN ('rejected', 'cancelled', 'expired')
           AND o.asked_at > now() - interval '90 days'
    )
    SELECT CASE WHEN l.own AND (l.amount_pence <> r.amount_pence OR l.asked_at <= r.asked_at - interval '7 days')
                  OR NOT l.exact THEN 'possible' ELSE 'same' END,
           CASE WHEN l.own THEN 'same_household' WHEN l.exact THEN 'same_person' ELSE 'similar_person' END,
           l.id, l.reference, (l.asked_at AT TIME ZONE 'Europe/London')::date, l.amount_pence
      FROM live l
    UNION ALL
    SELECT CASE WHEN g.once THEN 'same' ELSE 'possible' END, 'funded_elsewhere', NULL, NULL, e.paid_on, e.amount_pence
      FROM fund.elsewhere e JOIN fund.category g ON g.code = e.category
     WHERE e.household_id = ANY (fund.same_homes(r.household_id)) AND e.category = r.category
       AND (audit.me('account') IS NULL OR fund.shown(e.household_id)) AND e.paid_on > today() - interval '12 months'
$$;
COMMENT ON FUNCTION fund.alike IS
    'Requests like this one: same ones must be overruled with a reason and by two people, possible ones are shown. A '
    'case that is hidden from the caller is not among them.';

-- ---- the course of a request ----

CREATE TABLE fund.request_step (
    state fund_state NOT NULL,
    act fund_request_act NOT NULL,
    side fund_side NOT NULL,
    PRIMARY KEY (state, act)
);
COMMENT ON TABLE fund.request_step IS 'What may be done with a request in which state, and whose act it is.';
COMMENT ON COLUMN fund.request_step.state IS 'The state it is in.';
COMMENT ON COLUMN fund.request_step.act IS 'The act.';
COMMENT ON COLUMN fund.request_step.side IS 'Whose act.';
INSERT INTO fund.request_step VALUES
    ('requested', 'change', 'asker'), ('requested', 'cancel', 'asker'), ('requested', 'approve', 'approver'),
    ('requested', 'approve_now', 'approver'), ('requested', 'reject', 'approver'),
    ('requested', 'send_back', 'approver'),
    ('second_needed', 'change', 'asker'), ('second_needed', 'cancel', 'asker'),
    ('second_needed', 'approve', 'approver'), ('second_needed', 'reject', 'approver'),
    ('second_needed', 'send_back', 'approver'),
    ('sent_back', 'change', 'asker'), ('sent_back', 'cancel', 'asker'),
    ('approved', 'cancel', 'asker'), ('rejected', 'reopen', 'asker'), ('expired', 'reopen', 'asker');
SELECT guard('fund.request_step', 'open');

CREATE FUNCTION fund.may_ask(home uuid) RETURNS boolean LANGUAGE sql STABLE AS
$$ SELECT coalesce(may_place() AND works_on(home) AND case_of_partners(home), false) $$;
COMMENT ON FUNCTION fund.may_ask IS 'Whether the caller works on the case, and so may ask the fund for it.';
GRANT EXECUTE ON FUNCTION fund.may_ask TO haven_app;

CREATE FUNCTION fund.on_side(r fund.request, side fund_side) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT CASE side WHEN 'asker' THEN fund.may_ask(r.household_id)
           ELSE approves_fund() AND r.keeper_id = my_organisation() AND fund.shown(r.household_id) END
$$;
COMMENT ON FUNCTION fund.on_side IS 'Whether the caller is of that side of a request.';

-- What a person had is summed over all of their cases, so all are locked, in one order.
CREATE FUNCTION fund.lock_homes(home uuid) RETURNS void LANGUAGE sql AS $$
    SELECT FROM household h WHERE h.id = ANY (fund.same_homes(home)) ORDER BY h.id FOR NO KEY UPDATE
$$;
COMMENT ON FUNCTION fund.lock_homes IS 'Locks a household and those that surely share a member with it.';

CREATE FUNCTION fund.reads_only(home uuid, act fund_request_act) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT act IN ('change', 'cancel', 'reopen') AND may_place() AND case_seen(home)
$$;
COMMENT ON FUNCTION fund.reads_only IS
    'Whether the caller sees a case, on which they do not work, and the act is a case worker''s.';

-- Every act begins here: household, then request, locked in this order. Without the right, or in a hidden case, there
-- is no such request.
CREATE FUNCTION fund.claim(one uuid, seen integer, act fund_request_act, OUT outcome fund_outcome, OUT it fund.request)
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM fund.lock_homes((SELECT r.household_id FROM fund.request r WHERE r.id = one));
    SELECT * INTO it FROM fund.request r WHERE r.id = one FOR NO KEY UPDATE;
    outcome := CASE
        WHEN it.id IS NULL OR audit.caller() IS NULL THEN 'none'
        WHEN NOT coalesce(fund.on_side(it, (SELECT s.side FROM fund.request_step s WHERE s.act = claim.act LIMIT 1)),
                          false) THEN CASE WHEN fund.reads_only(it.household_id, act) THEN 'read_only' ELSE 'none' END
        WHEN seen NOT IN (it.version, -1) THEN 'changed'
        WHEN NOT EXISTS (SELECT FROM fund.request_step s WHERE s.state = it.state AND s.act = claim.act)
             THEN 'wrong_state'
        WHEN act IN ('change', 'reopen')
             AND EXISTS (SELECT FROM household h WHERE h.id = it.household_id AND h.closed_at IS NOT NULL)
             THEN 'case_closed' END;
END $$;
COMMENT ON FUNCTION fund.claim IS 'Locks a request for an act; the outcome is NULL where the act may go on.';

-- ---- asking ----

CREATE TYPE fund.told AS (outcome fund_outcome, id uuid, left_pence bigint, most_pence bigint, so_far_pence bigint);
COMMENT ON TYPE fund.told IS
    'What became of an act, and the figures of a refusal: what is left, what the rule allows, what was had so far.';

CREATE FUNCTION fund.may_spend(pot fund.pot, organisation uuid) RETURNS boolean LANGUAGE sql STABLE AS
$$ SELECT pot.spenders = '{}' OR organisation = ANY (pot.spenders) $$;
COMMENT ON FUNCTION fund.may_spend IS 'Whether a pot may be asked for the cases of an organisation of its partnership.';

CREATE FUNCTION fund.pot_for(of_category fund_category, amount bigint, day date) RETURNS uuid
LANGUAGE sql STABLE AS $$
    SELECT y.id FROM fund.pot p JOIN fund.pot_year y ON y.pot_id = p.id JOIN fund.year_view v ON v.id = y.id
     WHERE p.organisation_id = ANY (my_partners()) AND fund.may_spend(p, my_organisation())
       AND of_category = ANY (p.categories) AND y.year = fund.year_of(day) AND y.state IN ('open', 'provisional')
     ORDER BY v.spendable_pence >= amount DESC, p.organisation_id = my_organisation() DESC, v.spendable_pence DESC,
              p.name
     LIMIT 1
$$;
COMMENT ON FUNCTION fund.pot_for IS 'The pot that a request is asked of where nobody chose one: one that has enough.';

CREATE FUNCTION fund.caps_of(r fund.request, homes uuid[]) RETURNS fund.told LANGUAGE plpgsql STABLE AS $$
DECLARE
    rule fund.category;
    ceiling bigint;
    since date := today() - interval '12 months';
    told fund.told;
BEGIN
    SELECT * INTO STRICT rule FROM fund.category g WHERE g.code = r.category;
    IF r.amount_pence > rule.payment_pence THEN
        told.outcome := 'over_payment';
        told.most_pence := rule.payment_pence;
        RETURN told;
    END IF;
    told.so_far_pence := fund.had(homes, ARRAY[r.category::text], since, r.id);
    IF told.so_far_pence + r.amount_pence > rule.household_pence THEN
        told.outcome := 'over_category';
        told.most_pence := rule.household_pence;
        RETURN told;
    END IF;
    ceiling := (SELECT c.household_pence FROM fund.ceiling c WHERE c.of_group = rule.of_group);
    told.so_far_pence := fund.had(homes, fund.of_same_group(r.category), since, r.id);
    IF told.so_far_pence + r.amount_pence > ceiling THEN
        told.outcome := 'over_ceiling';
        told.most_pence := ceiling;
    END IF;
    RETURN told;
END $$;
COMMENT ON FUNCTION fund.caps_of IS
    'Whether a request keeps within the limits of its category and the ceiling of its group, with what the households '
    'had in 12 months; the outcome is NULL where it does.';

-- A person who types a name and a date of birth must not learn from a figure that the person is known here: what other
-- cases had counts when it is decided, and is told by no figure.
CREATE FUNCTION fund.caps(r fund.request) RETURNS fund.told LANGUAGE plpgsql STABLE AS $$
DECLARE
    told fund.told := fund.caps_of(r, ARRAY[r.household_id]);
BEGIN
    IF told.outcome IS NULL THEN
        told.outcome := (fund.caps_of(r, fund.same_homes(r.household_id))).outcome;
    END IF;
    RETURN told;
END $$;
COMMENT ON FUNCTION fund.caps IS
    'The same with all cases that surely share a member; figures are of the household alone.';

-- The pots may be named, with an amount each. Otherwise a request that has one keeps it while it can, and a new one is
-- given one.
CREATE FUNCTION fund.choose_part(r fund.request) RETURNS fund_outcome LANGUAGE plpgsql AS $$
DECLARE
    fits boolean;
    held bigint;
    several boolean;
    chosen uuid;
BEGIN
    SELECT bool_and(y.year = fund.year_of(r.needed_on) AND r.category = ANY (t.categories)
                    AND y.organisation_id = r.keeper_id AND fund.may_spend(t, r.organisation_id)), sum(p.amount_pence),
           count(*) > 1
      INTO fits, held, several
      FROM fund.part p JOIN fund.pot_year y ON y.id = p.pot_year_id JOIN fund.pot t ON t.id = y.pot_id
     WHERE p.request_id = r.id;
    IF fits AND held = r.amount_pence THEN
        RETURN NULL;
    ELSIF fits AND several THEN
        RETURN 'parts';
    ELSIF fits THEN
        UPDATE fund.part p SET amount_pence = r.amount_pence WHERE p.request_id = r.id;
        RETURN NULL;
    END IF;
    chosen := fund.pot_for(r.category, r.amount_pence, r.needed_on);
    IF chosen IS NULL THEN
        RETURN 'no_pot';
    END IF;
    DELETE FROM fund.part p WHERE p.request_id = r.id;
    INSERT INTO fund.part VALUES (r.id, 1, chosen, r.amount_pence);
    RETURN NULL;
END $$;
COMMENT ON FUNCTION fund.choose_part IS
    'Notes the pot of a request where nobody named one. NULL where that was possible; parts: it has several, and a new '
    'amount must be divided by a person.';

CREATE FUNCTION fund.put_parts(r fund.request, parts jsonb) RETURNS fund_outcome LANGUAGE plpgsql AS $$
BEGIN
    IF jsonb_typeof(parts) IS DISTINCT FROM 'array' OR parts = '[]' THEN
        RETURN fund.choose_part(r);
    END IF;
    DELETE FROM fund.part p WHERE p.request_id = r.id;
    INSERT INTO fund.part
    SELECT r.id, p.n, y.id, (p.value ->> 'amount_pence')::bigint
      FROM jsonb_array_elements(parts) WITH ORDINALITY p (value, n)
      JOIN fund.pot_year y ON y.id = (p.value ->> 'pot_year_id')::uuid
      JOIN fund.pot t ON t.id = y.pot_id
     WHERE t.organisation_id = ANY (my_partners()) AND fund.may_spend(t, my_organisation())
       AND y.year = fund.year_of(r.needed_on);
    RETURN CASE
        WHEN (SELECT count(*) FROM fund.part p WHERE p.request_id = r.id) <> jsonb_array_length(parts) THEN 'no_pot'
        WHEN (SELECT sum(p.amount_pence) FROM fund.part p WHERE p.request_id = r.id) <> r.amount_pence THEN 'parts'
        WHEN (SELECT count(DISTINCT y.organisation_id) FROM fund.part p JOIN fund.pot_year y ON y.id = p.pot_year_id
               WHERE p.request_id = r.id) > 1 THEN 'parts' END;
END $$;
COMMENT ON FUNCTION fund.put_parts IS
    'Notes the pots of a request: those that were named, which must add up and have one keeper, or one that is chosen. '
    'NULL where that was possible.';

CREATE FUNCTION fund.pots_allow(r fund.request) RETURNS fund_outcome LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN bool_or(y.state NOT IN ('open', 'provisional')) THEN 'pot_closed'
                WHEN bool_or(NOT fund.may_spend(t, r.organisation_id)) THEN 'no_pot'
                WHEN bool_or(r.category <> ALL (t.categories)) THEN 'category' END
      FROM fund.part p JOIN fund.pot_year y ON y.id = p.pot_year_id JOIN fund.pot t ON t.id = y.pot_id
     WHERE p.request_id = r.id
$$;
COMMENT ON FUNCTION fund.pots_allow IS 'Whether the pots of a request may be spent on it today; NULL where they may.';

CREATE FUNCTION fund.settle_request(r fund.request, parts jsonb) RETURNS fund.told LANGUAGE plpgsql AS $$
DECLARE
    told fund.told;
BEGIN
    told.outcome := fund.put_parts(r, parts);
    IF told.outcome IS NULL THEN
        told.outcome := fund.pots_allow(r);
    END IF;
    IF told.outcome IS NULL THEN
        told := fund.caps_of(r, ARRAY[r.household_id]);
    END IF;
    RETURN told;
END $$;
COMMENT ON FUNCTION fund.settle_request IS
    'What must be right of a request when it is made, changed or opened again; the outcome is NULL where it is. A '
    'refusal is for the calling function to take back (HV422).';

CREATE FUNCTION fund.keeper_of(one uuid) RETURNS uuid LANGUAGE sql STABLE AS $$
    SELECT y.organisation_id FROM fund.part p JOIN fund.pot_year y ON y.id = p.pot_year_id
     WHERE p.request_id = one LIMIT 1
$$;
COMMENT ON FUNCTION fund.keeper_of IS 'The organisation that keeps the pots of a request.';

CREATE FUNCTION fund.ask(home uuid, item jsonb) RETURNS fund.told
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
DECLARE
    me uuid := audit.caller();
    it fund.request;
    told fund.told;
BEGIN
    IF me IS NULL OR NOT fund.may_ask(home) THEN
        told.outcome := CASE WHEN fund.reads_only(home, 'change') THEN 'read_only' ELSE 'none' END;
        RETURN told;
    END IF;
    PERFORM fund.lock_homes(home);
    IF EXISTS (SELECT FROM household h WHERE h.id = home AND h.closed_at IS NOT NULL) THEN
        told.outcome := 'case_closed';
        RETURN told;
    END IF;
    BEGIN
        INSERT INTO fund.request (household_id, organisation_id, keeper_id, category, amount_pence, means,
                                  needed_on, evidence, asked_by, changed_by, touched)
        SELECT home, my_organisation(), my_organisation(), n.category, n.amount_pence, n.means,
               coalesce(n.needed_on, today()), coalesce(n.evidence, 'none_yet'), me, me, ARRAY[me]
          FROM jsonb_populate_record(NULL::fund.request, item) n
        RETURNING * INTO it;
        told := fund.settle_request(it, item -> 'parts');
        IF told.outcome IS NOT NULL THEN
            RAISE EXCEPTION 'refused' USING ERRCODE = 'HV422';
        END IF;
        UPDATE fund.request r SET keeper_id = fund.keeper_of(it.id) WHERE r.id = it.id;
        told := ROW('done', it.id, NULL, NULL, NULL);
    EXCEPTION WHEN SQLSTATE 'HV422' THEN
        RETURN told;
    END;
    RETURN told;
END $$;
COMMENT ON FUNCTION fund.ask IS 'Asks the fund for money for a household. A refusal has changed nothing.';
GRANT EXECUTE ON FUNCTION fund.ask TO haven_app;

CREATE FUNCTION fund.also(people uuid[], person uuid) RETURNS uuid[] LANGUAGE sql IMMUTABLE AS
$$ SELECT CASE WHEN person = ANY (people) THEN people ELSE people || person END $$;
COMMENT ON FUNCTION fund.also IS 'The people with one more, each once.';

CREATE FUNCTION fund.change(one uuid, seen integer, patch jsonb) RETURNS fund.told
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
DECLARE
    me uuid := audit.caller();
    claimed record := fund.claim(one, seen, 'change');
    was fund.request := claimed.it;
    it fund.request;
    lowered boolean;
    told fund.told;
BEGIN
    told.outcome := claimed.outcome;
    IF told.outcome IS NOT NULL THEN
        RETURN told;
    END IF;
    it := jsonb_populate_record(was, jsonb_strip_nulls(patch));
    -- less money for the same thing is what was approved already, but not by the person who lowers it
    lowered := to_jsonb(it) - 'amount_pence' = to_jsonb(was) - 'amount_pence' AND it.amount_pence <= was.amount_pence
        AND NOT patch ? 'parts'
        AND NOT EXISTS (SELECT FROM fund.approval a
                         WHERE a.request_id = one AND a.content = was.content AND a.approved_by = me);
    it.content := was.content + (NOT lowered)::integer;
    BEGIN
        told := fund.settle_request(it, patch -> 'parts');
        IF told.outcome IS NOT NULL THEN
            RAISE EXCEPTION 'refused' USING ERRCODE = 'HV422';
        END IF;
        UPDATE fund.request r
           SET category = it.category, amount_pence = it.amount_pence, means = it.means, needed_on = it.needed_on,
               evidence = it.evidence, content = it.content, changed_by = me, reason = NULL, decided_at = NULL,
               keeper_id = fund.keeper_of(one), touched = fund.also(was.touched, me),
               state = CASE WHEN lowered AND was.state = 'second_needed' THEN was.state ELSE 'requested' END,
               version = was.version + 1
         WHERE r.id = one;
        told := ROW('done', one, NULL, NULL, NULL);
    EXCEPTION WHEN SQLSTATE 'HV422' THEN
        RETURN told;
    END;
    RETURN told;
END $$;
COMMENT ON FUNCTION fund.change IS
    'Changes a request that is not decided. Anything but a lower amount needs its approvals again.';
GRANT EXECUTE ON FUNCTION fund.change TO haven_app;
