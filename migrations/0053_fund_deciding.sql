-- Deciding on requests to the fund: limits, the emergency lane, approval, and every other end.

-- ---- deciding ----

CREATE FUNCTION fund.limit_for(r fund.request, of_role text) RETURNS fund.approval_limit LANGUAGE sql STABLE AS $$
    SELECT l.* FROM fund.approval_limit l
     WHERE l.organisation_id = r.keeper_id AND l.role = of_role AND (l.category = r.category OR l.category IS NULL)
       AND l.from_day <= today() AND (l.until_day IS NULL OR today() < l.until_day)
     ORDER BY l.category IS NULL LIMIT 1
$$;
COMMENT ON FUNCTION fund.limit_for IS 'The limit of a role for a request: the category''s own row before that of all.';

CREATE FUNCTION fund.within_limit(r fund.request, rule fund.approval_limit) RETURNS fund.told
LANGUAGE plpgsql STABLE AS $$
DECLARE
    told fund.told;
BEGIN
    IF rule.id IS NULL THEN
        told.outcome := 'no_limit';
    ELSIF r.amount_pence > rule.single_pence THEN
        told.outcome := 'over_limit';
        told.most_pence := rule.single_pence;
    ELSE
        told.so_far_pence := fund.had(fund.same_homes(r.household_id), ARRAY[r.category::text], today() - 30, r.id);
        IF told.so_far_pence + r.amount_pence > rule.month_pence THEN
            told.outcome := 'over_month';
            told.most_pence := rule.month_pence;
            -- the figure is of the household alone: it tells nothing of other cases
            told.so_far_pence := fund.had(ARRAY[r.household_id], ARRAY[r.category::text], today() - 30, r.id);
        END IF;
    END IF;
    RETURN told;
END $$;
COMMENT ON FUNCTION fund.within_limit IS
    'Whether a request is within an approval limit; the outcome is NULL where it is.';

CREATE FUNCTION fund.within_lane(r fund.request, rule fund.approval_limit, why fund_lane) RETURNS fund.told
LANGUAGE plpgsql STABLE AS $$
DECLARE
    me uuid := audit.me('account')::uuid;
    told fund.told;
BEGIN
    told.most_pence := coalesce(rule.lane_pence, 0);
    told.so_far_pence := (SELECT coalesce(sum(a.amount_pence), 0) FROM fund.approval a
                           WHERE a.approved_by = me AND a.lane IS NOT NULL
                             AND a.approved_at > now() - interval '7 days');
    told.outcome := CASE
        WHEN why = 'out_of_hours' AND NOT outside_office_hours(now()) THEN 'lane_hours'
        WHEN EXISTS (SELECT FROM fund.approval a WHERE a.approved_by = me AND a.lane IS NOT NULL
                        AND a.reviewed_at IS NULL AND a.review_on < today()) THEN 'lane_unreviewed'
        WHEN r.amount_pence > coalesce(rule.lane_pence, 0)
             OR told.so_far_pence + r.amount_pence > coalesce(rule.lane_week_pence, rule.lane_pence)
             THEN 'lane_limit' END;
    RETURN told;
END $$;
COMMENT ON FUNCTION fund.within_lane IS
    'Whether the caller may decide a request alone in the emergency lane; the outcome is NULL where so.';

CREATE FUNCTION fund.touched_by(r fund.request, person uuid) RETURNS boolean LANGUAGE sql IMMUTABLE AS
$$ SELECT person = r.asked_by OR person = ANY (r.touched) $$;
COMMENT ON FUNCTION fund.touched_by IS 'Whether a person ever asked for a request, changed it or opened it again.';
GRANT EXECUTE ON FUNCTION fund.touched_by TO haven_app;

-- The people whose own it is: all who ever asked, changed or opened it again, and those who approved it as it stands.
CREATE FUNCTION fund.own_request(r fund.request, person uuid) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT fund.touched_by(r, person)
        OR EXISTS (SELECT FROM fund.approval a
                    WHERE a.request_id = r.id AND a.content = r.content AND a.approved_by = person)
$$;
COMMENT ON FUNCTION fund.own_request IS 'Whether a person may not approve a request since it is their own.';

CREATE FUNCTION fund.commit_request(r fund.request) RETURNS fund.told LANGUAGE plpgsql AS $$
DECLARE
    told fund.told;
    short uuid;
BEGIN
    -- a share of a provisional year is all that may be promised of it
    PERFORM FROM fund.account a WHERE a.pot_year_id IN (SELECT p.pot_year_id FROM fund.part p WHERE p.request_id = r.id)
      ORDER BY a.id FOR NO KEY UPDATE;
    SELECT p.pot_year_id, v.spendable_pence INTO short, told.left_pence
      FROM fund.part p JOIN fund.year_view v ON v.id = p.pot_year_id
     WHERE p.request_id = r.id AND v.spendable_pence < p.amount_pence ORDER BY p.n LIMIT 1;
    IF short IS NOT NULL OR NOT fund.commit_money('request', r.id, r.household_id,
            ARRAY(SELECT p.pot_year_id FROM fund.part p WHERE p.request_id = r.id ORDER BY p.n),
            ARRAY(SELECT p.amount_pence FROM fund.part p WHERE p.request_id = r.id ORDER BY p.n),
            greatest(r.needed_on, today()) + 90) THEN
        told.outcome := 'short';
    END IF;
    RETURN told;
END $$;
COMMENT ON FUNCTION fund.commit_request IS
    'Promises what a request asks for; it lapses 90 days after the day on which it is needed. The outcome is NULL '
    'where the pots had enough.';

CREATE FUNCTION fund.may_approve(it fund.request, rule fund.approval_limit, alone fund_lane, overrule fund_overrule,
                                 OUT told fund.told, OUT two boolean, OUT alike uuid[])
LANGUAGE plpgsql STABLE AS $$
BEGIN
    alike := ARRAY(SELECT l.id FROM fund.alike(it) l WHERE l.level = 'same');
    two := alone IS NULL
        AND (coalesce(it.amount_pence + fund.had(fund.same_homes(it.household_id), fund.of_same_group(it.category),
                                                 today() - 30, it.id) >= rule.two_from_pence, false)
             OR cardinality(alike) > 0);
    IF fund.own_request(it, audit.me('account')::uuid) THEN
        told.outcome := 'own';
    ELSE
        told := fund.within_limit(it, rule);
    END IF;
    IF told.outcome IS NULL AND alone IS NOT NULL THEN
        told := fund.within_lane(it, rule, alone);
    END IF;
    IF told.outcome IS NULL THEN
        told := NULL;
        told.outcome := CASE
            WHEN EXISTS (SELECT FROM household h WHERE h.id = it.household_id AND h.closed_at IS NOT NULL)
                 THEN 'case_closed'
            WHEN alone IS NULL AND it.evidence = 'none_yet'
                 AND (SELECT g.evidence FROM fund.category g WHERE g.code = it.category) THEN 'evidence'
            WHEN cardinality(alike) > 0 AND (overrule IS NULL OR alone IS NOT NULL) THEN 'duplicate'
            WHEN fund.keeper_of(it.id) IS DISTINCT FROM it.keeper_id THEN 'pot_closed'
            ELSE fund.pots_allow(it) END;
    END IF;
    IF told.outcome IS NULL THEN
        told := fund.caps(it);
    END IF;
END $$;
COMMENT ON FUNCTION fund.may_approve IS
    'Whether the caller may approve a request: the outcome is NULL where so. two: whether two people must; alike: the '
    'requests that it looks the same as.';

CREATE FUNCTION fund.approve(one uuid, seen integer, alone fund_lane, overrule fund_overrule) RETURNS fund.told
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
DECLARE
    me uuid := audit.caller();
    claimed record := fund.claim(one, seen, CASE WHEN alone IS NULL THEN 'approve' ELSE 'approve_now' END);
    it fund.request := claimed.it;
    rule fund.approval_limit := fund.limit_for(it, audit.me('role'));
    judged record;
    told fund.told;
    waits boolean; -- for a second person
BEGIN
    told.outcome := claimed.outcome;
    IF told.outcome IS NOT NULL THEN
        RETURN told;
    END IF;
    PERFORM fund.hold_years(ARRAY(SELECT p.pot_year_id FROM fund.part p WHERE p.request_id = one));
    IF alone IS NOT NULL THEN
        -- what a person decided alone in a week is summed: one such decision of theirs at a time
        PERFORM FROM account a WHERE a.id = me FOR NO KEY UPDATE;
    END IF;
    judged := fund.may_approve(it, rule, alone, overrule);
    told := judged.told;
    IF told.outcome IS NOT NULL THEN
        RETURN told;
    END IF;
    waits := judged.two
        AND NOT EXISTS (SELECT FROM fund.approval a WHERE a.request_id = one AND a.content = it.content);
    IF NOT waits THEN
        told := fund.commit_request(it);
        IF told.outcome IS NOT NULL THEN
            RETURN told;
        END IF;
    END IF;
    INSERT INTO fund.approval (request_id, household_id, keeper_id, content, amount_pence, approved_by, limit_id, lane,
                               overruled, alike, review_on)
    VALUES (one, it.household_id, it.keeper_id, it.content, it.amount_pence, me, rule.id, alone,
            CASE WHEN cardinality(judged.alike) > 0 THEN overrule END, judged.alike,
            CASE WHEN alone IS NOT NULL THEN add_working_days(today(), 1) END);
    told.outcome := CASE WHEN waits THEN 'second' ELSE 'done' END;
    UPDATE fund.request r
       SET state = CASE WHEN told.outcome = 'second' THEN 'second_needed' ELSE 'approved' END, decided_at = now(),
           reason = NULL, version = it.version + 1
     WHERE r.id = one;
    RETURN told;
END $$;
COMMENT ON FUNCTION fund.approve IS
    'Approves a request as the caller saw it: commits the money, or waits for a second person. alone: decided by one '
    'person in the emergency lane, and why. A refusal has changed nothing.';
GRANT EXECUTE ON FUNCTION fund.approve TO haven_app;

CREATE FUNCTION fund.turn(one uuid, seen integer, act fund_request_act, why fund_reason) RETURNS fund.told
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
DECLARE
    me uuid := audit.caller();
    claimed record := fund.claim(one, seen, act);
    it fund.request := claimed.it;
    told fund.told;
BEGIN
    told.outcome := CASE WHEN claimed.outcome IS NOT NULL THEN claimed.outcome
        WHEN act IN ('reject', 'send_back') AND fund.touched_by(it, me) THEN 'own'
        WHEN act = 'cancel' AND EXISTS (SELECT FROM fund.commitment c
                                         WHERE c.cause_id = one AND c.in_payment + c.paid > 0) THEN 'wrong_state' END;
    IF told.outcome IS NOT NULL THEN
        RETURN told;
    END IF;
    BEGIN
        IF act = 'reopen' THEN
            told := fund.settle_request(it, NULL);
        ELSIF act = 'cancel' THEN
            PERFORM fund.release_all(one);
        END IF;
        IF told.outcome IS NOT NULL THEN
            RAISE EXCEPTION 'refused' USING ERRCODE = 'HV422';
        END IF;
        UPDATE fund.request r
           SET state = CASE act WHEN 'reject' THEN 'rejected' WHEN 'send_back' THEN 'sent_back'
                                WHEN 'cancel' THEN 'cancelled' ELSE 'requested' END,
               reason = why, decided_at = CASE WHEN act <> 'reopen' THEN now() END,
               keeper_id = coalesce(fund.keeper_of(one), it.keeper_id),
               content = it.content + (act IN ('reopen', 'send_back'))::integer, version = it.version + 1,
               touched = CASE WHEN act = 'reopen' THEN fund.also(it.touched, me) ELSE it.touched END
         WHERE r.id = one;
    EXCEPTION WHEN SQLSTATE 'HV422' THEN
        RETURN told;
    END;
    RETURN ROW('done', one, NULL, NULL, NULL)::fund.told;
END $$;
COMMENT ON FUNCTION fund.turn IS
    'Rejects, sends back, cancels or opens a request again. What was promised for a cancelled one goes back to its '
    'pots.';
GRANT EXECUTE ON FUNCTION fund.turn TO haven_app;

CREATE FUNCTION fund.review(one uuid, agrees boolean) RETURNS fund.told
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
DECLARE
    me uuid := audit.caller();
    it fund.approval;
    told fund.told;
BEGIN
    SELECT a.* INTO it FROM fund.approval a JOIN fund.request r ON r.id = a.request_id
     WHERE a.id = one AND a.lane IS NOT NULL AND fund.on_side(r, 'approver') FOR NO KEY UPDATE OF a;
    told.id := it.request_id;
    told.outcome := CASE WHEN it.id IS NULL THEN 'none' WHEN it.reviewed_at IS NOT NULL THEN 'wrong_state'
        WHEN me = it.approved_by OR EXISTS (SELECT FROM fund.request r
                                             WHERE r.id = it.request_id AND fund.touched_by(r, me)) THEN 'own'
        ELSE 'done' END;
    IF told.outcome = 'done' THEN
        UPDATE fund.approval a SET reviewed_by = me, reviewed_at = now(), upheld = agrees WHERE a.id = one;
    END IF;
    RETURN told;
END $$;
COMMENT ON FUNCTION fund.review IS
    'Records what a colleague says to a decision of the emergency lane. What was promised stands either way.';
GRANT EXECUTE ON FUNCTION fund.review TO haven_app;

CREATE FUNCTION fund.set_limit(item jsonb) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
DECLARE
    made uuid;
    wanted fund.approval_limit := jsonb_populate_record(NULL::fund.approval_limit, item);
BEGIN
    IF audit.caller() IS NULL OR NOT keeps_fund() THEN
        RETURN NULL;
    END IF;
    -- two who set the same limit at once: one after the other
    PERFORM pg_advisory_xact_lock(hashtextextended('fund limits ' || my_organisation(), 0));
    UPDATE fund.approval_limit l SET until_day = today()
     WHERE l.organisation_id = my_organisation() AND l.role = wanted.role
       AND l.category IS NOT DISTINCT FROM wanted.category AND l.until_day IS NULL;
    INSERT INTO fund.approval_limit (organisation_id, role, category, single_pence, month_pence, two_from_pence,
                                     lane_pence, lane_week_pence, set_by)
    VALUES (my_organisation(), wanted.role, wanted.category, wanted.single_pence, wanted.month_pence,
            wanted.two_from_pence, wanted.lane_pence, wanted.lane_week_pence, audit.me('account')::uuid)
    RETURNING id INTO made;
    RETURN made;
END $$;
COMMENT ON FUNCTION fund.set_limit IS
    'Sets from today what people of a role may approve; the limit before ends. NULL where the caller may not.';
GRANT EXECUTE ON FUNCTION fund.set_limit TO haven_app;
