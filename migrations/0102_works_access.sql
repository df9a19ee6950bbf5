-- A case that is restricted to a list shows its works orders to the firm's people who are on that list alone. The list
-- comes before the role: a firm with nobody on it is not offered the order, and the coordinator is told so.

CREATE OR REPLACE FUNCTION cases_hidden(households uuid[], accounts uuid[]) RETURNS boolean[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp
SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    -- arrays of one look cheaper than arrays of ten, and the statement was planned at each call
    RETURN ARRAY(
        SELECT h.erased_at IS NOT NULL
               OR EXISTS (SELECT FROM case_access x
                           WHERE x.household_id = o.household AND x.account_id = o.account AND x.access = 'deny')
               OR EXISTS (SELECT FROM linked_case l WHERE l.account_id = o.account AND l.household_id = o.household)
               OR CASE WHEN h.id IS NULL THEN NULL
                       WHEN a.role = 'provider' THEN false
                       WHEN a.role = 'contractor' THEN h.restricted AND NOT opened_to(o.household, o.account)
                       -- an administrator reads no case, and keeps the trail and the alerts of the partnership
                       WHEN NOT h.restricted AND (h.organisation_id = a.organisation_id OR a.role = 'administrator')
                           THEN false
                       WHEN opened_to(o.household, o.account) THEN false
                       ELSE h.restricted OR NOT EXISTS (SELECT FROM open_shares(o.household, o.account)) END
          FROM unnest(households, accounts) WITH ORDINALITY o (household, account, n)
          -- one by one: joined at once a plan for many reads every household
          LEFT JOIN LATERAL (SELECT x.id, x.organisation_id, x.restricted, x.erased_at FROM household x
                              WHERE x.id = o.household LIMIT 1) h ON true
          LEFT JOIN LATERAL (SELECT x.role, x.organisation_id FROM account x
                              WHERE x.id = o.account LIMIT 1) a ON true
         ORDER BY o.n);
END $$;

DROP POLICY firm ON sanctuary.works_order;
CREATE POLICY firm ON sanctuary.works_order FOR SELECT TO haven_app
    USING ((SELECT does_works()) AND firm_id = (SELECT my_organisation())
           AND state NOT IN ('draft', 'refused', 'lapsed', 'cancelled')
           AND household_id NOT IN (SELECT withheld_cases()));
