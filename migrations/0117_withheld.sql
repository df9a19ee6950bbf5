-- Whether one case is withheld from the caller is asked of that case, not of the list of all that are: the list is read
-- for what shows many.

CREATE OR REPLACE FUNCTION withheld_cases() RETURNS SETOF uuid
LANGUAGE plpgsql STABLE ROWS 10 SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
DECLARE
    opened uuid[] := opened_cases(); -- once, and not for each restricted case
BEGIN
    RETURN QUERY SELECT unnest(denied_cases());
    RETURN QUERY SELECT h.id FROM household h
                  WHERE h.restricted AND h.organisation_id = ANY (audit.me('partners')::uuid[])
                    AND audit.me('role') <> 'provider' AND h.id <> ALL (opened);
END $$;

CREATE FUNCTION case_withheld(household uuid) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
DECLARE
    opened uuid[] := opened_cases();
BEGIN
    RETURN household = ANY (denied_cases())
        OR EXISTS (SELECT FROM household h
                    WHERE h.id = household AND h.restricted AND h.organisation_id = ANY (audit.me('partners')::uuid[])
                      AND audit.me('role') <> 'provider' AND h.id <> ALL (opened));
END $$;
COMMENT ON FUNCTION case_withheld IS
    'Whether the caller is not to know that a case of the partnership is there: whether withheld_cases() has it.';
GRANT EXECUTE ON FUNCTION case_withheld TO haven_app;

CREATE OR REPLACE FUNCTION fund.shown(home uuid) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN case_of_partners(home) AND NOT case_withheld(home);
END $$;
