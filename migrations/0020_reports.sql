-- Reports: views of the schema report. They belong to the owner, so they may count rows that their readers
-- may not see, and they are granted to no role: report.read() is the only way to them. A report that must stay
-- within the caller's partnership compares with my_partners() itself.
--
-- A new report is one view, its rows in report.allowed, and one route row.

CREATE SCHEMA report;
COMMENT ON SCHEMA report IS 'Views that count what their readers may not see; read through one function.';
GRANT USAGE ON SCHEMA report TO haven_app;

CREATE TABLE report.allowed (
    name text NOT NULL CHECK (name ~ '^[a-z][a-z_]*$' AND name <> 'allowed'),
    role role NOT NULL,
    PRIMARY KEY (name, role)
);
COMMENT ON TABLE report.allowed IS 'The roles that may read each report.';
COMMENT ON COLUMN report.allowed.name IS 'Name of the view.';
COMMENT ON COLUMN report.allowed.role IS 'A role that may read it.';
SELECT guard('report.allowed', 'owner');

CREATE FUNCTION report.read(report text) RETURNS SETOF jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
DECLARE
    me uuid := audit.caller();
    counted bigint;
BEGIN
    IF NOT EXISTS (SELECT FROM report.allowed a WHERE a.name = report AND a.role = audit.me('role')) THEN
        RAISE EXCEPTION 'the caller may not read the report %', report USING ERRCODE = '42501';
    END IF;
    RETURN QUERY EXECUTE format('SELECT to_jsonb(v) FROM report.%I v', report);
    GET DIAGNOSTICS counted = ROW_COUNT;
    INSERT INTO audit.event (account_id, organisation_id, request_id, action, subject_kind, detail)
    VALUES (me, my_organisation(), audit.me('request'), 'read', 'report',
            jsonb_build_object('name', report, 'rows', counted));
END $$;
COMMENT ON FUNCTION report.read IS
    'The rows of a report, for a proven caller (else HV401) whose role may read it (else 42501). Records the read.';
GRANT EXECUTE ON FUNCTION report.read TO haven_app;
