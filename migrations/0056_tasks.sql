-- Tasks that are not about a case alone: for a role of an organisation, or for one person, about a request to the fund.
-- They end by the thing itself being done, and can be handed to a colleague.

ALTER DOMAIN task_kind DROP CONSTRAINT task_kind_check;
ALTER DOMAIN task_kind ADD CONSTRAINT task_kind_check CHECK (VALUE IN ('marac_referral', 'risk_review', 'fund_decision',
    'fund_review', 'fund_changes', 'fund_lapses'));

CREATE DOMAIN task_about AS text CHECK (VALUE IN ('household', 'fund_request'));
COMMENT ON DOMAIN task_about IS 'What kind of thing a task is about.';

CREATE DOMAIN hand_over_outcome AS text CHECK (VALUE IN ('done', 'none', 'changed', 'over', 'no_receiver'));
COMMENT ON DOMAIN hand_over_outcome IS 'What became of handing a task over.';

ALTER TABLE task
    ALTER COLUMN household_id DROP NOT NULL,
    ADD COLUMN about task_about NOT NULL DEFAULT 'household',
    ADD COLUMN about_id uuid,
    ADD COLUMN for_role role,
    ADD COLUMN account_id uuid REFERENCES account,
    ADD COLUMN handed_by uuid REFERENCES account,
    ADD CONSTRAINT task_of CHECK ((about = 'household') = (household_id IS NOT NULL)
                                  AND (about = 'household') = (about_id IS NULL)
                                  AND (about = 'household' OR for_role IS NOT NULL));
COMMENT ON COLUMN task.household_id IS
    'The household; the task is for the owner of its case. NULL where the task is about something else.';
COMMENT ON COLUMN task.about IS 'What kind of thing it is about.';
COMMENT ON COLUMN task.about_id IS 'That thing, where it is no household.';
COMMENT ON COLUMN task.for_role IS 'The role in the organisation whose task it is, where it is no case owner''s.';
COMMENT ON COLUMN task.account_id IS 'The one person whose task it is; NULL: anybody of the role.';
COMMENT ON COLUMN task.handed_by IS 'The person who handed it over.';
CREATE UNIQUE INDEX task_about_once ON task (about_id, kind, for_role) WHERE ended_at IS NULL AND about_id IS NOT NULL;
CREATE INDEX task_of_role ON task (organisation_id, for_role, due_on, id)
    WHERE ended_at IS NULL AND about_id IS NOT NULL;

CREATE POLICY mine ON task FOR SELECT TO haven_app
    USING (about_id IS NOT NULL AND organisation_id = (SELECT my_organisation())
           AND for_role = (SELECT audit.me('role')) AND about_id IN (SELECT r.id FROM fund.request r));

-- ---- made and ended by the fund ----

CREATE FUNCTION fund.put_task(r fund.request, of_kind task_kind, of_organisation uuid, of_role text, person uuid,
                              by_day date) RETURNS void LANGUAGE sql AS $$
    INSERT INTO task (organisation_id, kind, about, about_id, for_role, account_id, due_on)
    VALUES (of_organisation, of_kind, 'fund_request', r.id, of_role, person, by_day)
    ON CONFLICT (about_id, kind, for_role) WHERE ended_at IS NULL AND about_id IS NOT NULL
    DO UPDATE SET due_on = excluded.due_on, version = task.version + 1 WHERE task.due_on <> excluded.due_on
$$;
COMMENT ON FUNCTION fund.put_task IS 'Makes a task about a request, or moves the day of the one that there is.';

CREATE FUNCTION fund.end_tasks(request uuid, kinds text[]) RETURNS void LANGUAGE sql AS $$
    UPDATE task SET ended_as = 'done', ended_at = now(), ended_by = audit.me('account')::uuid, version = version + 1
     WHERE about_id = request AND kind = ANY (kinds) AND ended_at IS NULL
$$;
COMMENT ON FUNCTION fund.end_tasks IS 'Ends the tasks of these kinds about a request.';

CREATE FUNCTION fund.approver_roles(r fund.request) RETURNS SETOF text LANGUAGE sql STABLE AS $$
    SELECT DISTINCT l.role::text FROM fund.approval_limit l
     WHERE l.organisation_id = r.keeper_id AND l.from_day <= today() AND (l.until_day IS NULL OR today() < l.until_day)
       AND (l.category IS NULL OR l.category = r.category) AND l.single_pence >= r.amount_pence
$$;
COMMENT ON FUNCTION fund.approver_roles IS 'The roles of which people may approve as much as a request asks for.';

CREATE FUNCTION fund.request_tasks() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
DECLARE
    asker account;
BEGIN
    IF NEW.state IN ('requested', 'second_needed') THEN
        PERFORM fund.put_task(NEW, 'fund_decision', NEW.keeper_id, coalesce(a.role, 'finance_approver'), NULL,
                              NEW.needed_on)
           FROM (SELECT 1) one LEFT JOIN fund.approver_roles(NEW) a (role) ON true;
    ELSE
        PERFORM fund.end_tasks(NEW.id, '{fund_decision}');
    END IF;
    IF NEW.state = 'sent_back' THEN
        SELECT * INTO STRICT asker FROM account a WHERE a.id = NEW.asked_by;
        PERFORM fund.put_task(NEW, 'fund_changes', asker.organisation_id, asker.role, asker.id, NEW.needed_on);
    ELSE
        PERFORM fund.end_tasks(NEW.id, '{fund_changes}');
    END IF;
    IF NEW.state <> 'approved' THEN
        PERFORM fund.end_tasks(NEW.id, '{fund_lapses}');
    END IF;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION fund.request_tasks IS
    'A request that waits is a task of each role that may approve it; one that was sent back, of the person who asked.';
CREATE TRIGGER request_tasks AFTER INSERT OR UPDATE ON fund.request FOR EACH ROW EXECUTE FUNCTION fund.request_tasks();

CREATE FUNCTION fund.approval_tasks() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
BEGIN
    IF NEW.reviewed_at IS NULL THEN
        PERFORM fund.put_task(r, 'fund_review', NEW.keeper_id, 'finance_approver', NULL, NEW.review_on)
           FROM fund.request r WHERE r.id = NEW.request_id;
    ELSE
        PERFORM fund.end_tasks(NEW.request_id, '{fund_review}');
    END IF;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION fund.approval_tasks IS
    'What one person decided in the emergency lane is a task of the finance approvers until a colleague has reviewed '
    'it.';
CREATE TRIGGER approval_tasks AFTER INSERT OR UPDATE ON fund.approval FOR EACH ROW WHEN (NEW.lane IS NOT NULL)
    EXECUTE FUNCTION fund.approval_tasks();

CREATE FUNCTION fund.warn_of_lapses() RETURNS void LANGUAGE sql AS $$
    SELECT fund.put_task(r, 'fund_lapses', r.keeper_id, 'finance_officer', NULL, c.expires_on)
      FROM (SELECT c.cause_id, min(c.expires_on) AS expires_on FROM fund.commitment c
             WHERE c.open > 0 AND c.expires_on BETWEEN today() AND today() + 14 AND c.cause = 'request'
             GROUP BY c.cause_id) c
      JOIN fund.request r ON r.id = c.cause_id AND r.state = 'approved'
$$;
COMMENT ON FUNCTION fund.warn_of_lapses IS
    'What is promised and lapses within 14 days is a task of the finance officers, who pay.';

CREATE OR REPLACE FUNCTION tidy() RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
DECLARE
    n integer;
BEGIN
    IF NOT pg_try_advisory_xact_lock(hashtext('haven tidy')) THEN
        RETURN 0;
    END IF;
    PERFORM audit.disown();
    UPDATE placement SET state = 'expired', version = version + 1
     WHERE id IN (SELECT id FROM placement WHERE state IN ('held', 'offered') AND expires_at <= now()
                   ORDER BY unit_id LIMIT 500 FOR UPDATE SKIP LOCKED);
    GET DIAGNOSTICS n = ROW_COUNT;
    PERFORM fund.expire();
    PERFORM fund.warn_of_lapses();
    DELETE FROM change_log WHERE at < now() - interval '10 minutes';
    DELETE FROM idempotency k
     WHERE k.created_at < now() - interval '7 days'
       AND NOT EXISTS (SELECT FROM fund.posting p WHERE p.account_id = k.account_id AND p.key = k.key);
    DELETE FROM sign_in_failure WHERE failed_at < now() - interval '1 day';
    DELETE FROM session WHERE expires_at < now() - interval '7 days';
    INSERT INTO provider_answer (organisation_id, median_minutes)
    SELECT organisation_id,
           percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM decided_at - offered_at) / 60)::integer
      FROM placement WHERE decided_at > now() - interval '90 days' AND offered_at IS NOT NULL GROUP BY organisation_id
    ON CONFLICT (organisation_id) DO UPDATE SET median_minutes = excluded.median_minutes
     WHERE provider_answer.median_minutes <> excluded.median_minutes;
    RETURN n;
END $$;

-- ---- handing over ----

CREATE FUNCTION hand_over_task(one uuid, seen integer, person uuid) RETURNS hand_over_outcome
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
DECLARE
    me uuid := audit.caller();
    it task;
BEGIN
    SELECT * INTO it FROM task t
     WHERE t.id = one AND t.about_id IS NOT NULL AND t.organisation_id = my_organisation()
       AND t.for_role = audit.me('role') AND (t.account_id IS NULL OR t.account_id = me)
       FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN 'none';
    ELSIF it.ended_at IS NOT NULL THEN
        RETURN 'over';
    ELSIF seen NOT IN (it.version, -1) THEN
        RETURN 'changed';
    ELSIF NOT EXISTS (SELECT FROM account a WHERE a.id = person AND a.organisation_id = it.organisation_id
                         AND a.role = it.for_role AND a.disabled_at IS NULL) THEN
        RETURN 'no_receiver';
    END IF;
    UPDATE task SET account_id = person, handed_by = me, version = it.version + 1 WHERE id = one;
    RETURN 'done';
END $$;
COMMENT ON FUNCTION hand_over_task IS
    'Makes a task of the caller''s role the task of one person of that role; a person takes one by handing it to '
    'themselves.';
GRANT EXECUTE ON FUNCTION hand_over_task TO haven_app;

-- ---- what is there already ----

SELECT fund.put_task(r, 'fund_decision', r.keeper_id, coalesce(a.role, 'finance_approver'), NULL, r.needed_on)
  FROM fund.request r LEFT JOIN fund.approver_roles(r) a (role) ON true
 WHERE r.state IN ('requested', 'second_needed');
