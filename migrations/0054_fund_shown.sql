-- What is shown of requests, and what ends them without anybody's act: erasure and the clock.

-- ---- what is shown of a request ----

GRANT EXECUTE ON FUNCTION fund.on_side, fund.own_request TO haven_app;

CREATE FUNCTION fund.request_seen(r fund.request) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT sees_cases() AND case_seen(r.household_id)
        OR (sees_books() OR approves_fund()) AND r.keeper_id = my_organisation()
           AND fund.shown(r.household_id)
$$;
COMMENT ON FUNCTION fund.request_seen IS 'Whether the caller sees a request, as row security has it.';

CREATE FUNCTION fund.acts_of(r fund.request) RETURNS text[] LANGUAGE sql STABLE AS $$
    SELECT ARRAY(SELECT s.act::text FROM fund.request_step s
                  WHERE s.state = r.state AND fund.on_side(r, s.side)
                    AND NOT (s.act IN ('approve', 'approve_now') AND fund.own_request(r, audit.me('account')::uuid))
                    AND NOT (s.act IN ('reject', 'send_back')
                             AND fund.touched_by(r, audit.me('account')::uuid))
                  ORDER BY s.act)
$$;
COMMENT ON FUNCTION fund.acts_of IS 'What the caller may do with a request as it stands.';
GRANT EXECUTE ON FUNCTION fund.acts_of TO haven_app;

CREATE FUNCTION fund.like_request(one uuid)
RETURNS TABLE (level text, rule text, id uuid, reference text, on_day date, amount_pence bigint)
LANGUAGE plpgsql STABLE ROWS 2 SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
#variable_conflict use_column
BEGIN
    IF sees_fund() THEN
        RETURN QUERY
        SELECT l.* FROM fund.request r, fund.alike(r) l
         WHERE r.id = one AND fund.request_seen(r) AND r.state IN ('requested', 'second_needed', 'sent_back')
         ORDER BY l.level DESC, l.on_day DESC, l.reference;
    END IF;
END $$;
COMMENT ON FUNCTION fund.like_request IS
    'The requests that look like one that is to be decided, for people who see that one.';
GRANT EXECUTE ON FUNCTION fund.like_request TO haven_app;

CREATE FUNCTION fund.had_before(one uuid)
RETURNS TABLE (category_pence bigint, category_most bigint, group_pence bigint, group_most bigint, of_group fund_group)
LANGUAGE plpgsql STABLE ROWS 1 SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
#variable_conflict use_column
DECLARE
    since date := today() - interval '12 months';
BEGIN
    IF sees_fund() THEN
        RETURN QUERY
        SELECT fund.had(ARRAY[r.household_id], ARRAY[r.category::text], since, r.id), g.household_pence,
               fund.had(ARRAY[r.household_id], fund.of_same_group(r.category), since, r.id), c.household_pence,
               g.of_group
          FROM fund.request r JOIN fund.category g ON g.code = r.category
          JOIN fund.ceiling c ON c.of_group = g.of_group
         WHERE r.id = one AND fund.request_seen(r);
    END IF;
END $$;
COMMENT ON FUNCTION fund.had_before IS
    'What the household of a request had in 12 months, of its category and its group, and the most that it may have; '
    'nothing of other cases with the same people.';
GRANT EXECUTE ON FUNCTION fund.had_before TO haven_app;

CREATE FUNCTION fund.requested_of(of_year uuid) RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT coalesce(sum(t.amount_pence), 0)::bigint FROM fund.part t JOIN fund.request r ON r.id = t.request_id
     WHERE t.pot_year_id = of_year AND r.state IN ('requested', 'second_needed')
$$;
COMMENT ON FUNCTION fund.requested_of IS
    'Pence that are asked of a year and not decided, of the requests that the caller sees.';
GRANT EXECUTE ON FUNCTION fund.requested_of TO haven_app;

CREATE VIEW fund.request_view WITH (security_invoker = true) AS
SELECT r.id, r.reference, CASE WHEN sees_cases() THEN seen_case(r.household_id) END AS household_id,
       case_reference(r.household_id) AS household_reference, r.organisation_id, o.name AS organisation, r.keeper_id,
       r.category, r.amount_pence, r.means, r.needed_on, r.needed_on < today() AS overdue, r.evidence, r.state,
       r.reason, colleague_name(r.asked_by) AS asked_by, r.asked_by = audit.me('account')::uuid AS own,
       utc(r.asked_at) AS asked_at,
       utc(r.decided_at) AS decided_at, r.version
  FROM fund.request r JOIN organisation o ON o.id = r.organisation_id;
COMMENT ON VIEW fund.request_view IS
    'A request as lists show it: the case by its reference alone, unless the caller sees cases.';
GRANT SELECT ON fund.request_view TO haven_app;

-- ---- the end of a case ----

CREATE FUNCTION fund.forget() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
DECLARE
    it fund.request;
BEGIN
    FOR it IN SELECT * FROM fund.request r WHERE r.household_id = NEW.id ORDER BY r.id FOR NO KEY UPDATE LOOP
        PERFORM fund.release_all(it.id);
        UPDATE fund.request r SET state = 'cancelled', reason = 'household_left', decided_at = now(),
                                  version = it.version + 1
         WHERE r.id = it.id AND it.state IN ('requested', 'second_needed', 'sent_back', 'approved');
    END LOOP;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION fund.forget IS 'What was asked or promised for a household ends with its erasure.';
CREATE TRIGGER household_erased_fund AFTER UPDATE OF erased_at ON household FOR EACH ROW
    WHEN (OLD.erased_at IS NULL AND NEW.erased_at IS NOT NULL) EXECUTE FUNCTION fund.forget();

-- ---- the clock ----

CREATE FUNCTION fund.expire() RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    one record;
    it fund.commitment;
    n integer := 0;
BEGIN
    FOR one IN SELECT DISTINCT c.cause_id FROM fund.commitment c
                WHERE c.open > 0 AND c.in_payment = 0 AND c.expires_on <= today() AND c.cause = 'request' LIMIT 100 LOOP
        -- a person who has the request at this moment decides; the next round looks again
        PERFORM FROM fund.request r WHERE r.id = one.cause_id FOR NO KEY UPDATE SKIP LOCKED;
        CONTINUE WHEN NOT FOUND;
        FOR it IN SELECT * FROM fund.commitment c
                   WHERE c.cause_id = one.cause_id AND c.open > 0 AND c.in_payment = 0 AND c.expires_on <= today()
                   ORDER BY c.id FOR NO KEY UPDATE LOOP
            PERFORM fund.release(it);
            n := n + 1;
        END LOOP;
        UPDATE fund.request r
           SET state = CASE WHEN EXISTS (SELECT FROM fund.commitment c WHERE c.cause_id = r.id AND c.paid > 0)
                            THEN 'paid' ELSE 'expired' END,
               decided_at = now(), version = r.version + 1
         WHERE r.id = one.cause_id AND r.state = 'approved'
           AND NOT EXISTS (SELECT FROM fund.commitment c WHERE c.cause_id = r.id AND c.open + c.in_payment > 0);
    END LOOP;
    RETURN n;
END $$;
COMMENT ON FUNCTION fund.expire IS
    'Books what has expired. Nothing is paid of an expired commitment whether or not this has run.';
