-- Rows of any table for tests, invented from what the catalogue says of its columns: so a test that walks
-- all tables, or all routes, needs to know nothing of a new one.
CREATE SCHEMA test;
REVOKE ALL ON SCHEMA test FROM PUBLIC;

-- What a column of that type takes: the first code of a code list, or the plainest value.
CREATE FUNCTION test.invented(of_type oid) RETURNS text LANGUAGE sql AS $$
    SELECT coalesce(
        (SELECT substring(pg_get_constraintdef(c.oid) FROM '''([^'']*)''') FROM pg_constraint c WHERE c.contypid = t.oid LIMIT 1),
        CASE WHEN t.typcategory = 'A' THEN '{}'
             WHEN t.typcategory = 'N' THEN '1'
             WHEN t.typcategory = 'B' THEN 'false'
             WHEN t.typcategory = 'D' THEN now()::text
             WHEN t.typcategory = 'R' THEN 'empty'
             WHEN t.typbasetype <> 0 THEN test.invented(t.typbasetype)
             WHEN t.oid = 'uuid'::regtype THEN gen_random_uuid()::text
             WHEN t.oid = 'bytea'::regtype THEN '\x01'
             WHEN t.oid IN ('jsonb'::regtype, 'json'::regtype) THEN '[]'
             ELSE 'Invented for a test' END)
      FROM pg_type t WHERE t.oid = of_type
$$;

-- What a column refers to; NULL where it refers to nothing.
CREATE FUNCTION test.referred(of_table regclass, col smallint) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    other regclass := (SELECT c.confrelid FROM pg_constraint c
                        WHERE c.conrelid = of_table AND c.contype = 'f' AND c.conkey = ARRAY[col] LIMIT 1);
    found text;
BEGIN
    IF other IS NOT NULL THEN
        EXECUTE format('SELECT min(id::text) FROM %s', other) INTO found;
    END IF;
    RETURN found;
END $$;

-- A row with these values. What else must be there and has no default is invented: the organisation of a
-- row about a household is the household's.
CREATE FUNCTION test.row(of_table regclass, given jsonb DEFAULT '{}') RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE
    its jsonb := given;
    col record;
    made text;
BEGIN
    IF given ? 'household_id' AND EXISTS (SELECT FROM pg_attribute WHERE attrelid = of_table AND attname = 'organisation_id') THEN
        its := jsonb_build_object('organisation_id',
            (SELECT h.organisation_id FROM household h WHERE h.id = (given ->> 'household_id')::uuid)) || its;
    END IF;
    FOR col IN SELECT attname, attnum, atttypid FROM pg_attribute
                WHERE attrelid = of_table AND attnum > 0 AND attnotnull AND NOT atthasdef AND attidentity = '' AND NOT attisdropped
    LOOP
        IF NOT its ? col.attname THEN
            its := its || jsonb_build_object(col.attname, coalesce(test.referred(of_table, col.attnum),
                CASE col.attname WHEN 'local_authority' THEN 'E06000002' ELSE test.invented(col.atttypid) END));
        END IF;
    END LOOP;
    EXECUTE format('INSERT INTO %1$s AS made (%2$s) SELECT %2$s FROM jsonb_populate_record(NULL::%1$s, $1)'
                   ' RETURNING to_jsonb(made) ->> ''id''', of_table,
                   (SELECT string_agg(quote_ident(k), ', ') FROM jsonb_object_keys(its) k)) INTO made USING its;
    RETURN made;
END $$;

-- The table of the records at /<part>/{id}: trial-notes are rows of trial_note. NULL where there is none.
CREATE FUNCTION test.table_of(part text) RETURNS text LANGUAGE sql AS $$
    SELECT to_regclass(CASE name WHEN 'voids' THEN 'void_period' WHEN 'conflict_declarations' THEN 'account_link'
                       WHEN 'years' THEN 'fund.pot_year' WHEN 'requests' THEN 'fund.request'
                       WHEN 'approvals' THEN 'fund.approval' WHEN 'overpayments' THEN 'fund.overpayment'
                       WHEN 'limits' THEN 'fund.approval_limit'
                       WHEN 'payees' THEN 'fund.payee' WHEN 'runs' THEN 'fund.run' WHEN 'payments' THEN 'fund.payment'
                       WHEN 'statements' THEN 'fund.statement'
                       WHEN 'cards' THEN 'fund.card' WHEN 'stock_counts' THEN 'fund.stock_count'
                       WHEN 'gl_batches' THEN 'fund.gl_batch'
                       WHEN 'jobs' THEN 'sanctuary.job' WHEN 'works' THEN 'sanctuary.works_order'
                       ELSE regexp_replace(regexp_replace(name, 'ies$', 'y'), 's$', '') END)::text
      FROM replace(part, '-', '_') name
$$;

-- A pot of that council with a year and a budget, and a request for the household that is approved once.
CREATE FUNCTION test.fund_of(home uuid, council uuid) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    asker uuid := (SELECT id FROM account WHERE username = 'navigator');
    approver uuid := (SELECT id FROM account WHERE username = 'finance_approver');
    pot uuid := test.row('fund.pot', jsonb_build_object('organisation_id', council, 'categories', '{travel}'));
    year uuid := fund.open_year(pot, 2026);
    request uuid := test.row('fund.request', jsonb_build_object('household_id', home, 'organisation_id', council,
                        'keeper_id', council, 'asked_by', asker, 'changed_by', asker));
BEGIN
    PERFORM fund.post('grant', 'pot_year', year, '2026-05-01', ARRAY[fund.moved(year, 'granted', 'free', 5)]);
    INSERT INTO fund.part VALUES (request, 1, year, 1);
    PERFORM test.row('fund.commitment', jsonb_build_object('organisation_id', council, 'cause', 'request',
                'cause_id', request, 'pot_year_id', year));
    INSERT INTO fund.promise (request_id, household_id, start_on, end_on, review_on)
    VALUES (request, home, today(), today() + 7, today() + 1);
    INSERT INTO fund.promise_line VALUES (request, 1, NULL, 'accommodation', 7, today(), today() + 7);
    WITH o AS (
        INSERT INTO fund.overpayment (request_id, commitment_id, household_id, keeper_id, line, nights, amount_pence, cause)
        SELECT request, c.id, home, council, 1, 1, 1, 'not_needed' FROM fund.commitment c WHERE c.cause_id = request
        RETURNING *)
    INSERT INTO fund.deduction (overpayment_id, request_id, commitment_id, amount_pence, made_by)
    SELECT o.id, request, o.commitment_id, 1, approver FROM o;
    PERFORM test.row('fund.approval', jsonb_build_object('request_id', request, 'household_id', home, 'keeper_id', council,
                'approved_by', approver, 'limit_id', test.row('fund.approval_limit', jsonb_build_object(
                    'organisation_id', council, 'role', 'finance_approver'))));
END $$;
