-- Bounds of what is done with works: two people for much money, days in their order, numbers once, corrections of the
-- step that they were asked for.

SELECT add_codes('sanctuary_outcome', '{day_wrong,not_insecure}');

-- ---- money ----

CREATE FUNCTION sanctuary.promised_since(homes uuid[], since date) RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT coalesce(sum(c.promised - c.released), 0)::bigint FROM fund.commitment c
     WHERE c.cause = 'works_order' AND c.household_id = ANY (homes) AND c.committed_on > since
$$;
COMMENT ON FUNCTION sanctuary.promised_since IS 'Pence that were promised for works of these households since a day.';

CREATE OR REPLACE FUNCTION sanctuary.two_needed(j sanctuary.job, r fund.request) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
DECLARE
    homes uuid[] := fund.same_homes(j.household_id);
BEGIN
    RETURN coalesce(r.amount_pence + fund.had(homes, ARRAY['locks_security'], today() - 30, j.id)
                    + sanctuary.promised_since(homes, today() - 30)
                    >= (sanctuary.limit_for(j, audit.me('role'))).two_from_pence, false);
END $$;
COMMENT ON FUNCTION sanctuary.two_needed IS
    'Whether two people must approve, by the limit of the caller''s role: all that the fund gave the household for '
    'this in 30 days, by requests and by works, is one amount.';

CREATE OR REPLACE FUNCTION sanctuary.works_need_money_approved(o sanctuary.works_order, item jsonb)
RETURNS sanctuary.told LANGUAGE plpgsql AS $$
DECLARE
    j sanctuary.job;
    r fund.request;
    told sanctuary.told;
    capped fund.told;
BEGIN
    SELECT * INTO STRICT j FROM sanctuary.job x WHERE x.id = o.job_id;
    r := sanctuary.as_request(j);
    r.amount_pence := sanctuary.order_pence(o.id);
    r.keeper_id := coalesce(r.keeper_id, my_organisation());
    IF sanctuary.two_needed(j, r) THEN
        told.outcome := 'money';
        told.money := 'over_limit';
        told.most_pence := (sanctuary.limit_for(j, audit.me('role'))).two_from_pence - 1;
        told.so_far_pence := r.amount_pence;
        RETURN told;
    END IF;
    capped := fund.caps(r);
    IF capped.outcome IS NOT NULL THEN
        RETURN sanctuary.refused_by_fund(capped);
    END IF;
    RETURN sanctuary.approve_total(j, sanctuary.ordered_pence(o.job_id, o.id) + r.amount_pence);
END $$;
COMMENT ON FUNCTION sanctuary.works_need_money_approved IS
    'An order that is approved by itself is promised with it. One person approves it, so it stays below what two '
    'people must approve: more is specified, and approved as specifications are.';

CREATE OR REPLACE FUNCTION sanctuary.works_need_number_once(o sanctuary.works_order, item jsonb) RETURNS sanctuary.told
LANGUAGE sql STABLE AS $$
    SELECT sanctuary.refusal('number_used', '/number')
     WHERE EXISTS (SELECT FROM sanctuary.invoice i
                    WHERE i.firm_id = o.firm_id
                      AND upper(regexp_replace(i.number, '[^[:alnum:]]', '', 'g'))
                        = upper(regexp_replace(item ->> 'number', '[^[:alnum:]]', '', 'g')))
$$;
COMMENT ON FUNCTION sanctuary.works_need_number_once IS
    'A firm uses the number of an invoice once, however it is written, also where the invoice was questioned: its '
    'correction is another invoice.';

DROP INDEX sanctuary.invoice_number;
CREATE UNIQUE INDEX invoice_number ON sanctuary.invoice (firm_id,
    upper(regexp_replace(number, '[^[:alnum:]]', '', 'g')));

CREATE FUNCTION sanctuary.works_need_paid_on(o sanctuary.works_order, item jsonb) RETURNS sanctuary.told
LANGUAGE sql STABLE AS $$
    SELECT sanctuary.refusal('day_wrong', '/paid_on') FROM sanctuary.invoice i
     WHERE i.order_id = o.id AND i.query IS NULL
       AND ((item ->> 'paid_on')::date < london_day(i.sent_at) OR (item ->> 'paid_on')::date > today())
$$;
COMMENT ON FUNCTION sanctuary.works_need_paid_on IS
    'An invoice is paid on or after the day on which it came, and not in the future: so its payment is in no year '
    'before it.';
UPDATE sanctuary.works_step SET needs = '{paid_on}'::text[] || needs WHERE act = 'settle';

-- ---- made safe at once ----

CREATE FUNCTION sanctuary.change_need_insecure(o sanctuary.works_order, v sanctuary.variation, item jsonb)
RETURNS sanctuary.told LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN item ->> 'reason' <> 'home_insecure' THEN sanctuary.refusal('not_insecure', '/reason')
                WHEN EXISTS (SELECT FROM jsonb_array_elements(coalesce(item -> 'lines', '[]')) e
                               LEFT JOIN sanctuary.order_line l
                                 ON l.order_id = o.id AND l.n = (e.value ->> 'n')::integer
                              WHERE 'callout' IN (e.value ->> 'measure', l.measure))
                THEN sanctuary.refusal('not_insecure', '/lines') END
$$;
COMMENT ON FUNCTION sanctuary.change_need_insecure IS
    'Without asking, the operative does only what makes an insecure home safe: no call-out, no wish.';
UPDATE sanctuary.works_change_step SET needs = '{insecure}'::text[] || needs WHERE act = 'make_safe';

-- ---- corrections ----

CREATE OR REPLACE FUNCTION sanctuary.state_before(j sanctuary.job) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT s.was FROM sanctuary.step s
     WHERE s.job_id = j.id AND s.becomes = j.state AND s.was <> s.becomes
       AND s.act NOT IN ('confirm_correction', 'unapprove', 'send_back', 'withdraw_consent')
     ORDER BY s.n DESC LIMIT 1
$$;
COMMENT ON FUNCTION sanctuary.state_before IS
    'The state from which a job came forward to the present one; NULL: it began here. What took a job back is no step '
    'to take back: that would approve again what nobody approved.';

CREATE FUNCTION sanctuary.end_correction() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
BEGIN
    UPDATE sanctuary.correction c
       SET settled_by = NEW.account_id, settled_at = now(), confirmed = false
     WHERE c.job_id = NEW.job_id AND c.settled_at IS NULL;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION sanctuary.end_correction IS
    'Drops a correction of a job that has moved on: it takes back the step that it was asked for, and no other.';
CREATE TRIGGER end_correction AFTER INSERT ON sanctuary.step FOR EACH ROW
    WHEN ((NEW.was <> NEW.becomes OR NEW.act = 'specify') AND NEW.act NOT IN ('correct', 'confirm_correction'))
    EXECUTE FUNCTION sanctuary.end_correction();

-- ---- after the works ----

CREATE OR REPLACE FUNCTION sanctuary.need_review(j sanctuary.job, item jsonb) RETURNS sanctuary.told
LANGUAGE sql STABLE AS $$
    SELECT CASE
        WHEN (item ->> 'reached')::boolean IS NULL THEN sanctuary.refusal('not_said', '/reached')
        WHEN (item ->> 'reached')::boolean AND item ->> 'home' IS NULL THEN sanctuary.refusal('not_said', '/home')
        WHEN (item ->> 'reached')::boolean AND item ->> 'contact' IS NULL THEN sanctuary.refusal('not_said', '/contact')
        WHEN NOT (item ->> 'reached')::boolean
             AND (SELECT count(DISTINCT t) < 3 FROM jsonb_array_elements_text(coalesce(item -> 'tries', '[]')) t)
             THEN sanctuary.refusal('tries', '/tries')
        WHEN EXISTS (SELECT FROM jsonb_array_elements_text(coalesce(item -> 'tries', '[]')) t
                      WHERE t::date > today() OR t::date < (SELECT max(s.on_day) FROM sanctuary.step s
                                                             WHERE s.job_id = j.id AND s.act = 'sign_off'))
             THEN sanctuary.refusal('day_wrong', '/tries') END
$$;
COMMENT ON FUNCTION sanctuary.need_review IS
    'A review has its answers, or three tries on three days since the sign-off.';

CREATE FUNCTION sanctuary.review_near(job uuid, of_months integer) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN coalesce(today() >= (SELECT r.due_on FROM sanctuary.review r WHERE r.job_id = job AND r.months = of_months)
                               - 28, false);
END $$;
COMMENT ON FUNCTION sanctuary.review_near IS 'Whether a review is due, or will be within four weeks.';
GRANT EXECUTE ON FUNCTION sanctuary.review_near TO haven_app;

CREATE FUNCTION sanctuary.need_three_months(j sanctuary.job, item jsonb) RETURNS sanctuary.told LANGUAGE sql STABLE AS
$$ SELECT sanctuary.refusal('too_early') WHERE NOT sanctuary.review_near(j.id, 3) $$;
COMMENT ON FUNCTION sanctuary.need_three_months IS 'The first review is held when its time has come.';

CREATE FUNCTION sanctuary.need_six_months(j sanctuary.job, item jsonb) RETURNS sanctuary.told LANGUAGE sql STABLE AS
$$ SELECT sanctuary.refusal('too_early') WHERE NOT sanctuary.review_near(j.id, 6) $$;
COMMENT ON FUNCTION sanctuary.need_six_months IS 'The last review is held when its time has come.';

UPDATE sanctuary.act_rule SET needs = needs || '{three_months}'::text[] WHERE act = 'review_3m';
UPDATE sanctuary.act_rule SET needs = needs || '{six_months}'::text[] WHERE act = 'review_6m';

CREATE FUNCTION sanctuary.works_need_own_lines(o sanctuary.works_order, item jsonb) RETURNS sanctuary.told
LANGUAGE sql STABLE AS $$
    SELECT sanctuary.refusal('lines', '/lines/' || e.n - 1 || '/n')
      FROM jsonb_array_elements(item -> 'lines') WITH ORDINALITY e (value, n)
     WHERE NOT EXISTS (SELECT FROM sanctuary.order_line l
                        WHERE l.order_id = o.id AND l.n = (e.value ->> 'n')::integer)
        OR EXISTS (SELECT FROM jsonb_array_elements(item -> 'lines') WITH ORDINALITY b (value, n)
                    WHERE b.n < e.n AND b.value ->> 'n' = e.value ->> 'n')
     ORDER BY e.n LIMIT 1
$$;
COMMENT ON FUNCTION sanctuary.works_need_own_lines IS 'What is reported is of lines of the order, of each once.';
UPDATE sanctuary.works_step SET needs = '{own_lines}'::text[] || needs WHERE act = 'report_done';
