-- A change belongs to an order that its firm has taken and not done; and what goes back to its pot when a job is
-- corrected, withdrawn or loses its consent, while orders of it are still owed.

-- ---- changes ----

ALTER TABLE sanctuary.works_change_step ADD order_states text[] NOT NULL DEFAULT '{accepted,booked,on_site}';
COMMENT ON COLUMN sanctuary.works_change_step.order_states IS 'The states of the order in which it may be done.';
UPDATE sanctuary.works_change_step SET order_states = '{on_site}', needs = '{no_open_change,cap}'
 WHERE act = 'make_safe';
UPDATE sanctuary.works_change_step
   SET order_states = '{accepted,booked,on_site,done,taken_over,invoiced,paid,refused,lapsed,cancelled}'
 WHERE act = 'review';
DROP FUNCTION sanctuary.change_need_on_site(sanctuary.works_order, sanctuary.variation, jsonb);

CREATE OR REPLACE FUNCTION sanctuary.change_need_no_open_change(o sanctuary.works_order, v sanctuary.variation,
                                                                item jsonb)
RETURNS sanctuary.told LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN v.state = 'asked' THEN sanctuary.refusal('change_open')
                WHEN coalesce(item -> 'lines', '[]') = '[]' THEN sanctuary.refusal('lines', '/lines') END
$$;
COMMENT ON FUNCTION sanctuary.change_need_no_open_change IS 'One change of an order is asked for at a time.';

-- ---- what goes back to its pot ----

CREATE FUNCTION sanctuary.owed_pence(job uuid) RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT coalesce(sum(sanctuary.order_pence(o.id)), 0)::bigint FROM sanctuary.works_order o
     WHERE o.job_id = job AND o.state NOT IN ('draft', 'refused', 'lapsed', 'cancelled', 'paid')
$$;
COMMENT ON FUNCTION sanctuary.owed_pence IS 'Pence of the orders of a job that run, or are done and not paid.';

CREATE FUNCTION sanctuary.release_unused(job uuid) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    one fund.commitment;
    spare bigint := -sanctuary.owed_pence(job);
BEGIN
    PERFORM FROM fund.commitment c WHERE c.cause_id = job ORDER BY c.id FOR NO KEY UPDATE;
    spare := spare + (SELECT coalesce(sum(c.open), 0) FROM fund.commitment c WHERE c.cause_id = job);
    FOR one IN SELECT * FROM fund.commitment c WHERE c.cause_id = job AND c.open > 0
                ORDER BY c.committed_on DESC, c.id LOOP
        EXIT WHEN spare <= 0;
        PERFORM fund.release_part(one, least(one.open, spare));
        spare := spare - one.open;
    END LOOP;
END $$;
COMMENT ON FUNCTION sanctuary.release_unused IS
    'Gives back what is promised for a job beyond its orders that run, or are done and not paid: the firm that fitted '
    'the first measures is paid whatever becomes of the rest.';

CREATE OR REPLACE FUNCTION sanctuary.do_release(j sanctuary.job, item jsonb) RETURNS sanctuary.told
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM sanctuary.release_unused(j.id);
    RETURN NULL;
END $$;
COMMENT ON FUNCTION sanctuary.do_release IS
    'What was promised for a job, and is owed to no firm, goes back to its pot.';

CREATE FUNCTION sanctuary.do_pull_mains(j sanctuary.job, item jsonb) RETURNS sanctuary.told LANGUAGE plpgsql AS $$
BEGIN
    UPDATE sanctuary.works_order o SET state = 'cancelled', pull = 'no_longer_needed', version = o.version + 1
     WHERE o.job_id = j.id AND o.kind = 'main' AND o.state IN ('draft', 'offered', 'refused', 'lapsed');
    RETURN NULL;
END $$;
COMMENT ON FUNCTION sanctuary.do_pull_mains IS
    'Takes back the orders of a specification that no firm has taken; those of the first measures run on.';

CREATE OR REPLACE FUNCTION sanctuary.do_step_back(j sanctuary.job, item jsonb) RETURNS sanctuary.told
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM sanctuary.settle_correction(j, true);
    IF j.state = 'ordered' THEN
        RETURN sanctuary.do_pull_mains(j, item);
    ELSIF j.state = 'approved' THEN
        RETURN sanctuary.do_release(j, item);
    ELSIF j.state IN ('consent_granted', 'consent_refused') THEN
        UPDATE sanctuary.consent c SET state = 'asked', answered_on = NULL WHERE c.job_id = j.id;
    END IF;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION sanctuary.do_step_back IS
    'Confirms the correction: orders that no firm took are taken back, what an approval promised goes back, and a '
    'consent is open again.';

CREATE OR REPLACE FUNCTION sanctuary.do_take_consent_back(j sanctuary.job, item jsonb) RETURNS sanctuary.told
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM sanctuary.answer_consent(j, item, 'withdrawn'),
            sanctuary.put_condition(j, 'consent', 'no', 'landlord', NULL, NULL),
            sanctuary.tell_household(j.household_id, 'consent', 'no');
    RETURN NULL;
END $$;
COMMENT ON FUNCTION sanctuary.do_take_consent_back IS 'Keeps that an owner took a consent back; the lines stay.';

-- What a firm was paid for first measures stops nobody from leaving the scheme; a main order that is paid was taken.
UPDATE sanctuary.act_rule r SET needs = n.needs::text[], does = n.does::text[]
  FROM (VALUES ('unapprove', '{reason,no_order_taken}', '{pull_mains,release}'),
               ('withdraw_consent', '{item,reason,spoke,no_order_taken}',
                '{take_consent_back,tell_owner,pull_mains,release}'),
               ('nothing_needed', '{reason,nobody_on_site}', '{pull_orders,release,end_tasks}'),
               ('withdraw', '{reason,wished_by,nobody_on_site}', '{pull_orders,release,end_tasks}'))
       n (act, needs, does)
 WHERE r.act = n.act;

-- ---- what a page offers ----

CREATE OR REPLACE FUNCTION sanctuary.acts_of(one uuid) RETURNS text[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
DECLARE
    my_role text := audit.me('role');
    it sanctuary.job;
BEGIN
    SELECT * INTO it FROM sanctuary.job j WHERE j.id = one;
    IF it.id IS NULL OR NOT coalesce(sanctuary.on_job(it), false) THEN
        RETURN '{}';
    END IF;
    RETURN ARRAY(SELECT r.act::text FROM sanctuary.act_rule r
                  WHERE my_role = ANY (r.roles) AND r.act = r.asked_as
                    AND r.act NOT IN ('schedule', 'no_access', 'install')
                    AND EXISTS (SELECT FROM sanctuary.move m JOIN sanctuary.act_rule a ON a.act = m.act
                                 WHERE m.state = it.state AND a.asked_as = r.act)
                    AND (r.act NOT IN ('confirm_correction', 'drop_correction')
                         OR EXISTS (SELECT FROM sanctuary.correction c WHERE c.job_id = one AND c.settled_at IS NULL))
                  ORDER BY r.n);
END $$;
COMMENT ON FUNCTION sanctuary.acts_of IS
    'What the caller may do with a job as it stands, by the table of states. A job is scheduled and installed by what '
    'becomes of its orders, and nobody asks for that.';
