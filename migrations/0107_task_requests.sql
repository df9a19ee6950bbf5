-- A task about a request, or a run, of the fund asks for that one: compared with all requests that its reader may
-- see, the list of a person's tasks grew with the history of the fund.

CREATE FUNCTION fund.sees_request(one uuid) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
BEGIN
    RETURN audit.me('account') IS NOT NULL
       AND EXISTS (SELECT FROM fund.request r WHERE r.id = one AND fund.request_seen(r));
END $$;
COMMENT ON FUNCTION fund.sees_request IS 'Whether the caller sees a request, by its policies.';
GRANT EXECUTE ON FUNCTION fund.sees_request TO haven_app;

CREATE FUNCTION fund.sees_run(one uuid) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN EXISTS (SELECT FROM fund.run r WHERE r.id = one);
END $$;
COMMENT ON FUNCTION fund.sees_run IS 'Whether the caller sees a payment run, by its policies.';
GRANT EXECUTE ON FUNCTION fund.sees_run TO haven_app;

ALTER POLICY mine ON task
    USING (about IN ('fund_request', 'fund_run') AND organisation_id = (SELECT my_organisation())
           AND for_role = (SELECT audit.me('role'))
           AND CASE about WHEN 'fund_request' THEN fund.sees_request(about_id) ELSE fund.sees_run(about_id) END);
