-- A database that tests use one after the other: kept as it is once, and restored before each test.

-- Restores the rows of a table where one is gone or was written since it was restored last: to compare the rows
-- themselves took four times as long.
CREATE FUNCTION test.restoring(of_table regclass, kept regclass) RETURNS text LANGUAGE sql AS $$
    SELECT format('IF (SELECT coalesce(sum(n), 0) <> (SELECT count(*) FROM %2$s) OR NOT coalesce(bool_and(pg_visible_in_snapshot(x::text::xid8, since)), true)'
                  ' FROM (SELECT xmin, count(*) FROM %1$s GROUP BY xmin) w (x, n)) THEN '
                  'DELETE FROM %1$s; INSERT INTO %1$s (%3$s) OVERRIDING SYSTEM VALUE SELECT %3$s FROM %2$s; END IF;',
                  of_table, kept, string_agg(quote_ident(attname), ', '))
      FROM pg_attribute WHERE attrelid = of_table AND attnum > 0 AND attgenerated = '' AND NOT attisdropped
$$;

CREATE FUNCTION test.kept_tables() RETURNS SETOF regclass LANGUAGE sql AS $$
    SELECT oid::regclass FROM pg_class
     WHERE relkind = 'r' AND relnamespace::regnamespace::text NOT IN ('pg_catalog', 'information_schema', 'test')
$$;

CREATE FUNCTION test.refuse() RETURNS event_trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE 'other tests get this database with its schema as it is: use service_start_own()';
END $$;

-- Keeps every row, and makes test.restore(), which does the same as long as the schema is what it is now:
-- nobody may change it. What is kept is seen by this session alone: tests look into every table. The boards
-- are told of every vacancy and household there was or is. The session notes in test.restored, by a statement of
-- its own, what it sees once it has kept or restored the rows. Restoring is for a session with
-- session_replication_role = replica: triggers would record it and refuse some of it.
CREATE FUNCTION test.keep() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    of_table regclass;
    body text := '';
BEGIN
    FOR of_table IN SELECT test.kept_tables() LOOP
        EXECUTE format('CREATE TEMPORARY TABLE %I AS TABLE %s', 'kept ' || of_table, of_table);
        body := body || test.restoring(of_table, format('%I', 'kept ' || of_table)::regclass);
    END LOOP;
    SELECT body || string_agg(format('PERFORM setval(%L, %s, %L);', format('%I.%I', schemaname, sequencename),
                                     coalesce(last_value, start_value), last_value IS NOT NULL), '')
      INTO body FROM pg_sequences;
    EXECUTE format('CREATE FUNCTION test.restore() RETURNS void LANGUAGE plpgsql AS %L',
                   'DECLARE since pg_snapshot := current_setting(''test.restored''); vacancies uuid[] := ARRAY(SELECT id FROM vacancy); '
                   'households uuid[] := ARRAY(SELECT id FROM household);'
                   'BEGIN ' || body ||
                   'INSERT INTO change_log (kind, id) SELECT ''vacancy'', id FROM (SELECT unnest(vacancies) UNION SELECT id FROM vacancy) v (id);'
                   'INSERT INTO change_log (kind, id) SELECT ''household'', id FROM (SELECT unnest(households) UNION SELECT id FROM household) h (id);'
                   'END');
    CREATE EVENT TRIGGER kept ON ddl_command_start EXECUTE FUNCTION test.refuse();
END $$;
