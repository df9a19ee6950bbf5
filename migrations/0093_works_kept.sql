-- What the service does by itself about works orders, what pages and the firm's people are shown, and the figures of
-- firms.

-- ---- what the service does by itself ----

CREATE FUNCTION sanctuary.add_loss(one uuid, item jsonb) RETURNS sanctuary.told
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
DECLARE
    me uuid := audit.caller();
    claimed record := sanctuary.claim(one, -1, 'reoffer');
    told sanctuary.told;
    c sanctuary.clock;
    begins timestamptz := ((item ->> 'from_day')::date + (item ->> 'from')::time) AT TIME ZONE 'Europe/London';
    ends timestamptz := ((item ->> 'until_day')::date + (item ->> 'until')::time) AT TIME ZONE 'Europe/London';
BEGIN
    SELECT * INTO c FROM sanctuary.clock x WHERE x.job_id = one AND x.kind = 'installation'
     ORDER BY x.started_at DESC LIMIT 1;
    told.outcome := CASE
        WHEN me IS NULL THEN 'none' WHEN claimed.outcome IS NOT NULL THEN claimed.outcome
        WHEN c.id IS NULL OR ends <= begins OR begins < date_trunc('minute', c.started_at)
             OR ends > coalesce(c.ended_at, clock_timestamp()) THEN 'outside_clock' END;
    IF told.outcome IS NOT NULL THEN
        told.field := CASE told.outcome WHEN 'outside_clock' THEN '/from' END;
        RETURN told;
    END IF;
    PERFORM sanctuary.put_loss(c, tstzrange(begins, ends), item ->> 'cause');
    told := sanctuary.refusal('done');
    told.id := one;
    RETURN told;
END $$;
COMMENT ON FUNCTION sanctuary.add_loss IS 'Enters hours of the installation''s clock that were lost, and why.';
GRANT EXECUTE ON FUNCTION sanctuary.add_loss TO haven_app;

CREATE FUNCTION sanctuary.agree_day(one uuid, day date) RETURNS sanctuary.told
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
DECLARE
    claimed record := sanctuary.claim(one, -1, 'reoffer');
    told sanctuary.told;
BEGIN
    told.outcome := CASE WHEN audit.caller() IS NULL THEN 'none' ELSE claimed.outcome END;
    IF told.outcome IS NULL THEN
        UPDATE sanctuary.clock c SET agreed_on = day
         WHERE c.job_id = one AND c.kind = 'installation' AND c.ended_at IS NULL;
        told.outcome := CASE WHEN FOUND THEN 'done' ELSE 'wrong_state' END;
        told.id := one;
    END IF;
    RETURN told;
END $$;
COMMENT ON FUNCTION sanctuary.agree_day IS 'Notes the day that the household agreed to, beside the target.';
GRANT EXECUTE ON FUNCTION sanctuary.agree_day TO haven_app;

CREATE FUNCTION sanctuary.job_tasks() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
DECLARE
    j sanctuary.job;
    r sanctuary.review;
BEGIN
    SELECT * INTO STRICT j FROM sanctuary.job x WHERE x.id = NEW.job_id;
    FOR r IN SELECT * FROM sanctuary.review x WHERE x.job_id = j.id LOOP
        IF r.held_on IS NULL AND NEW.becomes IN ('signed_off', 'reviewed_3m')
           AND NOT (r.months = 3 AND NEW.becomes = 'reviewed_3m') THEN
            PERFORM sanctuary.put_works_task(j.organisation_id, 'job_review_' || r.months || 'm', 'sanctuary_job', j.id,
                                             'sanctuary_coordinator', r.due_on);
        ELSE
            PERFORM fund.end_tasks(j.id, ARRAY['job_review_' || r.months || 'm']);
        END IF;
    END LOOP;
    IF NEW.act = 'reassess_risk' AND j.risk_level <> 'high'
       AND EXISTS (SELECT FROM sanctuary.marker m WHERE m.job_id = j.id AND m.state <> 'removed') THEN
        PERFORM sanctuary.put_works_task(j.organisation_id, 'job_marker', 'sanctuary_job', j.id,
                                         'sanctuary_coordinator', today());
    END IF;
    IF NEW.becomes = 'closed'
       AND EXISTS (SELECT FROM sanctuary.equipment e WHERE e.job_id = j.id AND e.plan = 'recover') THEN
        PERFORM sanctuary.put_works_task(j.organisation_id, 'job_equipment', 'sanctuary_job', j.id,
                                         'sanctuary_coordinator', today() + 14);
    END IF;
    IF NOT EXISTS (SELECT FROM sanctuary.clock c WHERE c.job_id = j.id AND c.ended_at IS NULL AND c.told > 0) THEN
        PERFORM fund.end_tasks(j.id, '{job_due,job_overdue}');
    END IF;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION sanctuary.job_tasks IS
    'Who is to do what about a job: its reviews, a marker when the risk has fallen, equipment to recover.';
CREATE TRIGGER s_job_tasks AFTER INSERT ON sanctuary.step FOR EACH ROW EXECUTE FUNCTION sanctuary.job_tasks();

CREATE FUNCTION sanctuary.lapse_order(one uuid) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    o sanctuary.works_order := sanctuary.lock_order(one);
    step sanctuary.works_step;
    told sanctuary.told;
BEGIN
    SELECT * INTO step FROM sanctuary.works_step s WHERE s.act = 'lapse' AND s.from_state = o.state;
    IF step.act IS NULL THEN
        RETURN;
    END IF;
    told := sanctuary.run_works(o, step, '{}');
    IF told.outcome IS NULL THEN
        PERFORM sanctuary.put_loss(c, tstzrange(o.offered_at, o.answer_by), 'contractor_answer')
           FROM sanctuary.clock c WHERE c.job_id = o.job_id AND c.kind = 'installation' AND c.ended_at IS NULL;
        PERFORM sanctuary.follow(o, 'lapse');
    END IF;
END $$;
COMMENT ON FUNCTION sanctuary.lapse_order IS 'Ends an offer whose time has passed; its hours are lost to the answer.';

CREATE FUNCTION sanctuary.lapse_change(v sanctuary.variation) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    o sanctuary.works_order := sanctuary.lock_order(v.order_id);
BEGIN
    UPDATE sanctuary.variation x SET state = 'lapsed', decided_at = now() WHERE x.id = v.id AND x.state = 'asked';
    IF FOUND THEN
        UPDATE sanctuary.works_order x SET version = x.version + 1 WHERE x.id = o.id;
        PERFORM sanctuary.put_loss(c, tstzrange(v.asked_at, now()), 'approval')
           FROM sanctuary.clock c WHERE c.job_id = o.job_id AND c.kind = 'installation' AND c.ended_at IS NULL;
    END IF;
END $$;
COMMENT ON FUNCTION sanctuary.lapse_change IS 'Ends a change that nobody decided; its hours are lost to the approval.';

CREATE FUNCTION sanctuary.remind() RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    c record;
    n integer := 0;
BEGIN
    FOR c IN SELECT k.id, k.job_id, k.due_at, j.organisation_id, max(s.step) AS step
               FROM sanctuary.clock k JOIN sanctuary.clock_rule r ON r.kind = k.kind
               JOIN sanctuary.job j ON j.id = k.job_id
              CROSS JOIN (VALUES (50), (75), (100)) s (step)
              CROSS JOIN LATERAL (SELECT k.started_at + (k.due_at - k.started_at) * s.step / 100 AS at) m
              WHERE k.ended_at IS NULL AND k.told < s.step
                AND now() >= CASE WHEN r.hours IS NULL AND s.step < 100 THEN told_in_hours(m.at) ELSE m.at END
              GROUP BY k.id, j.organisation_id ORDER BY k.id LIMIT 200 LOOP
        UPDATE sanctuary.clock k SET told = c.step WHERE k.id = c.id;
        PERFORM sanctuary.put_works_task(c.organisation_id, CASE c.step WHEN 100 THEN 'job_overdue' ELSE 'job_due' END,
                                         'sanctuary_job', c.job_id, 'sanctuary_coordinator', london_day(c.due_at));
        n := n + 1;
    END LOOP;
    PERFORM sanctuary.put_works_task(j.organisation_id, 'job_marker', 'sanctuary_job', j.id, 'sanctuary_coordinator',
                                     m.review_on)
       FROM sanctuary.marker m JOIN sanctuary.job j ON j.id = m.job_id
      WHERE m.state = 'set' AND m.review_on <= today() + 14;
    RETURN n;
END $$;
COMMENT ON FUNCTION sanctuary.remind IS
    'Tells the coordinators of clocks at half, three quarters and all of their time, each once, and of markers 14 '
    'days before their review; returns of how many clocks.';

INSERT INTO job (name, late_after) VALUES ('keep_works', '5 minutes');

CREATE FUNCTION keep_works() RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
DECLARE
    n integer;
BEGIN
    PERFORM audit.disown();
    IF NOT pg_try_advisory_xact_lock(hashtext('haven works')) THEN
        RETURN 0;
    END IF;
    PERFORM sanctuary.lapse_order(o.id)
       FROM (SELECT x.id FROM sanctuary.works_order x WHERE x.state = 'offered' AND x.answer_by <= now()
              ORDER BY x.household_id, x.id LIMIT 100) o;
    PERFORM sanctuary.lapse_change(v)
       FROM (SELECT x.* FROM sanctuary.variation x, sanctuary.works_rule r
              WHERE x.state = 'asked' AND x.asked_at <= now() - make_interval(hours => r.change_hours)
              ORDER BY x.order_id LIMIT 100) v;
    n := sanctuary.remind();
    PERFORM ran('keep_works', n);
    RETURN n;
END $$;
COMMENT ON FUNCTION keep_works IS
    'Ends offers and changes whose time has passed, and tells people of clocks; returns of how many clocks.';
GRANT EXECUTE ON FUNCTION keep_works TO haven_app;

-- ---- for pages ----

CREATE FUNCTION sanctuary.in_tenths(item jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN jsonb_typeof(item -> 'lines') <> 'array' THEN item
                ELSE item || jsonb_build_object('lines', (
                     SELECT jsonb_agg(l.value || jsonb_strip_nulls(jsonb_build_object(
                                'quantity_tenths', coalesce((l.value ->> 'quantity_tenths')::integer,
                                                            10 * (l.value ->> 'quantity')::integer),
                                'fitted_tenths', coalesce((l.value ->> 'fitted_tenths')::integer,
                                                          10 * (l.value ->> 'fitted')::integer))) ORDER BY l.n)
                       FROM jsonb_array_elements(item -> 'lines') WITH ORDINALITY l (value, n))) END
$$;
COMMENT ON FUNCTION sanctuary.in_tenths IS 'What was entered with whole units of a measure as tenths of them.';
GRANT EXECUTE ON FUNCTION sanctuary.in_tenths TO haven_app;

CREATE FUNCTION sanctuary.order_opens(o sanctuary.works_order) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT CASE
        WHEN EXISTS (SELECT FROM sanctuary.step s
                      WHERE s.job_id = o.job_id AND s.becomes IN ('closed', 'withdrawn') AND s.at >= o.accepted_at)
        THEN false
        WHEN o.state IN ('accepted', 'booked', 'on_site') THEN true
        WHEN o.state NOT IN ('done', 'taken_over', 'invoiced', 'paid') THEN false
        WHEN o.kind <> 'main' THEN now() < o.done_at + interval '7 days'
        ELSE now() < least((SELECT min(s.at) FROM sanctuary.step s
                             WHERE s.job_id = o.job_id AND s.act = 'sign_off' AND s.at >= o.done_at)
                           + interval '7 days', o.done_at + interval '28 days') END
$$;
COMMENT ON FUNCTION sanctuary.order_opens IS
    'Whether an order is a reason to know where the home is: from its acceptance until 7 days after the sign-off, at '
    'most 28 days after it was done, because a sign-off may never come; of a first order or a defect until 7 days '
    'after it was done; and never again once the job has ended.';

-- A household that moves away is safe from the firm that made its old home safe: an order opens the home of its job.
CREATE FUNCTION sanctuary.of_job(job uuid, kind secret_kind) RETURNS uuid LANGUAGE sql STABLE AS $$
    SELECT s.id FROM sanctuary.job j JOIN case_secret s ON s.household_id = j.household_id
     WHERE j.id = job AND s.kind = of_job.kind AND s.ended_at IS NULL
       AND (s.kind = 'first_name' OR s.kind = 'home' AND s.id = j.home_id)
$$;
COMMENT ON FUNCTION sanctuary.of_job IS
    'What an order of a job may open: the entry of the register with the home that the job is for, while it is the '
    'household''s home, or with the first name.';

CREATE FUNCTION sanctuary.firm_opens(household uuid, kind secret_kind, account uuid) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    RETURN EXISTS (SELECT FROM sanctuary.works_order o JOIN account a ON a.id = firm_opens.account
                    WHERE o.household_id = firm_opens.household AND o.firm_id = a.organisation_id
                      AND a.role = 'contractor' AND a.disabled_at IS NULL AND sanctuary.order_opens(o)
                      AND sanctuary.of_job(o.job_id, firm_opens.kind) IS NOT NULL);
END $$;
COMMENT ON FUNCTION sanctuary.firm_opens IS
    'Whether a person of a firm may be shown where the home is or whom to ask for, by one of the firm''s orders. '
    'Whether the case is hidden from them is asked beside it.';

CREATE FUNCTION sanctuary.my_order_opens(one uuid) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
DECLARE
    o sanctuary.works_order;
BEGIN
    SELECT * INTO o FROM sanctuary.works_order x WHERE x.id = one AND x.firm_id = my_organisation();
    RETURN coalesce(o.id IS NOT NULL AND sanctuary.order_opens(o), false);
END $$;
COMMENT ON FUNCTION sanctuary.my_order_opens IS 'Whether an order of the caller''s firm is a reason to know the home.';
GRANT EXECUTE ON FUNCTION sanctuary.my_order_opens TO haven_app;

CREATE FUNCTION sanctuary.order_readings(one uuid)
RETURNS TABLE (at timestamptz, account text, kind text, purpose text)
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 10 SET search_path = public, audit, pg_temp AS $$
DECLARE
    o sanctuary.works_order;
BEGIN
    SELECT * INTO o FROM sanctuary.works_order x WHERE x.id = one;
    IF o.id IS NOT NULL AND sees_cases() AND case_seen(o.household_id) AND works_on(o.household_id) THEN
        RETURN QUERY
        SELECT e.at, a.display_name, e.detail ->> 'kind', e.detail ->> 'purpose'
          FROM audit.event e JOIN account a ON a.id = e.account_id
         WHERE e.household_id = o.household_id AND e.action = 'reveal' AND e.organisation_id = o.firm_id
         ORDER BY e.id DESC LIMIT 20;
    END IF;
END $$;
COMMENT ON FUNCTION sanctuary.order_readings IS
    'What the firm''s people were shown of the home, newest first, the last 20 times, for people who work on the case.';
GRANT EXECUTE ON FUNCTION sanctuary.order_readings TO haven_app;

-- ---- what the firm's people are shown ----

-- A firm's people see what an order shows them, as a provider's what an offer shows them: from a denial or a link it is
-- hidden all the same.
CREATE OR REPLACE FUNCTION cases_hidden(households uuid[], accounts uuid[]) RETURNS boolean[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    RETURN ARRAY(
        SELECT h.erased_at IS NOT NULL
               OR EXISTS (SELECT FROM case_access x
                           WHERE x.household_id = o.household AND x.account_id = o.account AND x.access = 'deny')
               OR EXISTS (SELECT FROM linked_case l WHERE l.account_id = o.account AND l.household_id = o.household)
               OR CASE WHEN h.id IS NULL THEN NULL
                       WHEN a.role IN ('provider', 'contractor') THEN false
                       -- an administrator reads no case, and keeps the trail and the alerts of the partnership
                       WHEN NOT h.restricted AND (h.organisation_id = a.organisation_id OR a.role = 'administrator')
                           THEN false
                       WHEN opened_to(o.household, o.account) THEN false
                       ELSE h.restricted OR NOT EXISTS (SELECT FROM open_shares(o.household, o.account)) END
          FROM unnest(households, accounts) WITH ORDINALITY o (household, account, n)
          LEFT JOIN household h ON h.id = o.household
          LEFT JOIN account a ON a.id = o.account
         ORDER BY o.n);
END $$;

CREATE OR REPLACE FUNCTION secret_open(household uuid, kind secret_kind, account uuid) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    RETURN NOT case_hidden(household, account) AND EXISTS (
        SELECT FROM account a
         WHERE a.id = account AND a.disabled_at IS NULL
           AND CASE WHEN a.role IN ('housing_officer', 'navigator') THEN case_worked(household, a.id)
                    WHEN a.role = 'sanctuary_coordinator' THEN kind = 'home' AND case_worked(household, a.id)
                        AND EXISTS (SELECT FROM sanctuary.job j
                                     WHERE j.household_id = household AND j.ended_at IS NULL)
                    WHEN a.role = 'contractor' THEN sanctuary.firm_opens(household, kind, a.id)
                    WHEN kind = 'home' THEN false
                    ELSE a.role = 'provider' AND EXISTS (
                        SELECT FROM placement p
                         WHERE p.household_id = household AND p.organisation_id = a.organisation_id
                           AND p.offered_at IS NOT NULL
                           AND placement_now(p.state, p.expires_at) = ANY (
                               CASE WHEN kind = 'first_name' THEN '{offered,accepted,arrived}'
                                    ELSE '{accepted,arrived}' END::text[]))
                     AND (kind <> 'first_name' OR EXISTS (
                        SELECT FROM consents_of(household) c
                         WHERE c.purpose = 'share_with_providers' AND c.basis = 'given')) END);
END $$;
COMMENT ON FUNCTION secret_open IS
    'Whether a person may be shown what is sealed about a case. The case workers who work on it always may. A '
    'sanctuary coordinator may see the home''s address while a job of the household is not ended, and the people of a '
    'firm address and first name by an order that the firm took. The people of a provider may see the safe contact '
    'and the perpetrator''s description from its acceptance until the departure, and the first name from the offer '
    'on, while the household agrees to be shown to providers (the high-risk route is no such agreement). A person '
    'from whom the case is hidden never may.';

CREATE FUNCTION sanctuary.order_secret(one uuid, kind secret_kind) RETURNS uuid
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
BEGIN
    RETURN (SELECT sanctuary.of_job(o.job_id, order_secret.kind) FROM sanctuary.works_order o
             WHERE o.id = one AND does_works() AND o.firm_id = my_organisation() AND sanctuary.order_opens(o)
               AND NOT case_hidden(o.household_id, audit.me('account')::uuid));
END $$;
COMMENT ON FUNCTION sanctuary.order_secret IS
    'The entry of the register with the home of the job, or the first name of the household, of an order that the '
    'caller''s firm took; NULL where the order is no reason to be shown it.';
GRANT EXECUTE ON FUNCTION sanctuary.order_secret TO haven_app;

CREATE FUNCTION sanctuary.moved(household uuid, home uuid) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN EXISTS (SELECT FROM case_secret s
                    WHERE s.household_id = household AND s.kind = 'home' AND s.ended_at IS NULL AND s.id <> home);
END $$;
COMMENT ON FUNCTION sanctuary.moved IS 'Whether the household has another home now than the one that a job is for.';
GRANT EXECUTE ON FUNCTION sanctuary.moved TO haven_app;

CREATE FUNCTION sanctuary.same_home(household uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
BEGIN
    IF audit.caller() IS NOT NULL AND works_on(household) THEN
        UPDATE sanctuary.job j
           SET home_id = (SELECT s.id FROM case_secret s
                           WHERE s.household_id = same_home.household AND s.kind = 'home' AND s.ended_at IS NULL)
         WHERE j.household_id = same_home.household AND j.state NOT IN ('ineligible', 'closed', 'withdrawn');
    END IF;
END $$;
COMMENT ON FUNCTION sanctuary.same_home IS
    'A job goes on at the address that was recorded last: it corrects the one before.';
GRANT EXECUTE ON FUNCTION sanctuary.same_home TO haven_app;

SELECT add_codes('reading_purpose', '{do_works}');

-- ---- erasure ----

-- An erased case is not there for anybody: its works could be ended by nobody, nor what they are promised.
SELECT add_codes('erasure_refusal', '{in_works}');
CREATE OR REPLACE FUNCTION erasure_refusal(home uuid) RETURNS erasure_refusal LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN h.erased_at IS NOT NULL THEN 'erased'
                WHEN EXISTS (SELECT FROM placement p WHERE p.household_id = h.id
                                AND placement_now(p.state, p.expires_at) IN ('held', 'offered', 'accepted', 'arrived'))
                                    THEN 'placed'
                WHEN h.closed_at IS NULL OR EXISTS (SELECT FROM referral r
                                                     WHERE r.household_id = h.id AND r.state <> 'closed')
                     THEN 'open'
                WHEN EXISTS (SELECT FROM fund.payment p WHERE p.household_id = h.id AND p.state = 'pending')
                     THEN 'in_payment'
                WHEN EXISTS (SELECT FROM sanctuary.job j WHERE j.household_id = h.id
                                AND j.state NOT IN ('ineligible', 'closed', 'withdrawn'))
                  OR EXISTS (SELECT FROM fund.commitment c WHERE c.household_id = h.id AND c.cause = 'works_order'
                                AND c.open > 0)
                     THEN 'in_works' END
      FROM household h WHERE h.id = home
$$;

-- ---- figures of firms ----

CREATE FUNCTION sanctuary.clock_shares(c sanctuary.clock) RETURNS TABLE (cause text, seconds bigint)
LANGUAGE plpgsql STABLE ROWS 4 AS $$
DECLARE
    whole tstzmultirange := tstzmultirange(
        tstzrange(c.started_at, greatest(c.started_at, coalesce(c.ended_at, now()))));
    rest tstzmultirange := whole - coalesce((SELECT range_agg(l.during) FROM sanctuary.clock_loss l
                                              WHERE l.clock_id = c.id), '{}');
    taken timestamptz := sanctuary.first_taken(c.job_id);
    theirs tstzmultirange := CASE WHEN taken IS NULL THEN '{}'::tstzmultirange
                                  ELSE rest * tstzmultirange(tstzrange(taken, NULL)) END;
BEGIN
    RETURN QUERY
    SELECT p.cause, sum(extract(epoch FROM upper(r.part) - lower(r.part)))::bigint
      FROM (SELECT l.cause::text, tstzmultirange(l.during) * whole AS parts FROM sanctuary.clock_loss l
             WHERE l.clock_id = c.id
            UNION ALL SELECT 'contractor', theirs UNION ALL SELECT 'coordinator', rest - theirs) p
     CROSS JOIN LATERAL unnest(p.parts) r (part)
     GROUP BY p.cause ORDER BY 2 DESC, 1;
END $$;
COMMENT ON FUNCTION sanctuary.clock_shares IS
    'Seconds of a clock by cause; together they are all that passed. What nobody entered is the contractor''s from '
    'the acceptance of the first order on, and the coordinator''s before.';
GRANT EXECUTE ON FUNCTION sanctuary.clock_shares TO haven_app;

CREATE TABLE sanctuary.works_offer (
    order_id uuid NOT NULL REFERENCES sanctuary.works_order,
    firm_id uuid NOT NULL REFERENCES organisation,
    offered_at timestamptz NOT NULL,
    answer_by timestamptz NOT NULL,
    answered_at timestamptz,
    answer works_state,
    PRIMARY KEY (order_id, offered_at)
);
COMMENT ON TABLE sanctuary.works_offer IS
    'Every offer of an order, and what the firm answered: an order keeps the last alone.';
COMMENT ON COLUMN sanctuary.works_offer.order_id IS 'The order.';
COMMENT ON COLUMN sanctuary.works_offer.firm_id IS 'The firm.';
COMMENT ON COLUMN sanctuary.works_offer.offered_at IS 'When.';
COMMENT ON COLUMN sanctuary.works_offer.answer_by IS 'Until when it was to answer.';
COMMENT ON COLUMN sanctuary.works_offer.answered_at IS 'When it did, or the offer ended.';
COMMENT ON COLUMN sanctuary.works_offer.answer IS 'What the order became then.';
CREATE INDEX works_offer_firm ON sanctuary.works_offer (firm_id, offered_at);
SELECT guard('sanctuary.works_offer', 'owner');

CREATE FUNCTION sanctuary.note_offer() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
BEGIN
    IF NEW.state = 'offered' THEN
        INSERT INTO sanctuary.works_offer VALUES (NEW.id, NEW.firm_id, NEW.offered_at, NEW.answer_by)
        ON CONFLICT DO NOTHING;
    ELSIF OLD.state = 'offered' THEN
        UPDATE sanctuary.works_offer f SET answered_at = clock_timestamp(), answer = NEW.state
         WHERE f.order_id = NEW.id AND f.answered_at IS NULL;
    END IF;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION sanctuary.note_offer IS 'Keeps what firms answered.';
CREATE TRIGGER note_offer AFTER UPDATE ON sanctuary.works_order FOR EACH ROW
    WHEN (OLD.state <> NEW.state) EXECUTE FUNCTION sanctuary.note_offer();

-- A change is of the firm that has the order: what was asked of one that has lost it is decided for nobody else.
CREATE FUNCTION sanctuary.end_changes() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
BEGIN
    UPDATE sanctuary.variation v SET state = 'lapsed', decided_at = now()
     WHERE v.order_id = NEW.id AND v.state = 'asked';
    RETURN NULL;
END $$;
COMMENT ON FUNCTION sanctuary.end_changes IS 'Ends the open change of an order that its firm has no more.';
CREATE TRIGGER end_changes AFTER UPDATE ON sanctuary.works_order FOR EACH ROW
    WHEN (OLD.state <> NEW.state AND NEW.state NOT IN ('accepted', 'booked', 'on_site'))
    EXECUTE FUNCTION sanctuary.end_changes();

CREATE FUNCTION sanctuary.promised_of(job uuid) RETURNS bigint
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
BEGIN
    RETURN (SELECT sanctuary.promised_pence(j.id) FROM sanctuary.job j
             WHERE j.id = job AND (sees_cases() AND case_seen(j.household_id)
                                   OR j.keeper_id = my_organisation() AND fund.shown(j.household_id)));
END $$;
COMMENT ON FUNCTION sanctuary.promised_of IS 'Pence promised for a job, for people who see it.';
GRANT EXECUTE ON FUNCTION sanctuary.promised_of TO haven_app;

CREATE FUNCTION sanctuary.firm_months()
RETURNS TABLE (firm text, month date, offered bigint, answered bigint, accepted bigint, done bigint, in_time bigint,
               theirs_in_time bigint, median_hours bigint, p90_hours bigint, no_access bigint, snags bigint)
LANGUAGE plpgsql STABLE ROWS 24 SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
#variable_conflict use_column
BEGIN
    IF my_organisation() IS NULL OR NOT coordinates() THEN
        RETURN;
    END IF;
    RETURN QUERY
    WITH offers AS (
        SELECT f.firm_id, date_trunc('month', f.offered_at AT TIME ZONE 'Europe/London')::date AS month,
               count(*) AS offered,
               count(*) FILTER (WHERE f.answer IN ('accepted', 'refused')) AS answered,
               count(*) FILTER (WHERE f.answer = 'accepted') AS accepted
          FROM sanctuary.works_offer f WHERE f.firm_id = ANY (my_partners()) GROUP BY 1, 2
    ), works AS (
        SELECT o.firm_id, date_trunc('month', o.offered_at AT TIME ZONE 'Europe/London')::date AS month, o.left_times,
               o.kind, o.done_at, extract(epoch FROM o.done_at - o.accepted_at) / 3600 AS hours,
               o.done_at <= c.due_at AS in_time,
               (SELECT sum(s.seconds) FROM sanctuary.clock_shares(c) s
                 WHERE s.cause IN ('contractor', 'contractor_answer'))
                   <= extract(epoch FROM c.due_at - c.started_at) AS theirs_in_time
          FROM sanctuary.works_order o
          LEFT JOIN sanctuary.clock c ON c.job_id = o.job_id AND c.kind = 'installation' AND c.ended_as = 'met'
         WHERE o.firm_id = ANY (my_partners()) AND o.state NOT IN ('draft', 'refused', 'lapsed', 'cancelled')
    )
    SELECT g.name, f.month, f.offered, f.answered, f.accepted,
           count(w.done_at) FILTER (WHERE w.kind = 'main'), count(*) FILTER (WHERE w.kind = 'main' AND w.in_time),
           count(*) FILTER (WHERE w.kind = 'main' AND w.done_at IS NOT NULL AND coalesce(w.theirs_in_time, true)),
           round((percentile_cont(0.5) WITHIN GROUP (ORDER BY w.hours))::numeric)::bigint,
           round((percentile_cont(0.9) WITHIN GROUP (ORDER BY w.hours))::numeric)::bigint,
           coalesce(sum(w.left_times), 0)::bigint, count(*) FILTER (WHERE w.kind = 'snag')
      FROM offers f JOIN organisation g ON g.id = f.firm_id
      LEFT JOIN works w ON w.firm_id = f.firm_id AND w.month = f.month
     GROUP BY g.name, f.month, f.offered, f.answered, f.accepted ORDER BY f.month DESC, g.name LIMIT 24;
END $$;
COMMENT ON FUNCTION sanctuary.firm_months IS
    'What each firm answered and did, by the month of the offer: installed within the target at all, and within it '
    'but for the hours that others took. For the coordinators of the scheme.';
GRANT EXECUTE ON FUNCTION sanctuary.firm_months TO haven_app;
