-- What a table is, said in one line beside its CREATE TABLE: guard() makes everything that follows from
-- it. Row security goes by what the opening of the request has set for the transaction; where that is missing a
-- worker sees nothing. It is forced, so that a table is closed even to an owner without BYPASSRLS.
--
--	SELECT guard('vacancy', 'supply', writes => 'insert, update', fixed => '{id,organisation_id,unit_id}', board => true);
--
--	belongs		kind of the table: a row of guard_kind
--	writes		what workers may do beside reading: insert, update, delete; nothing where it is not said
--	fixed		columns that workers may never change
--	unread		columns that workers may not read
--	untold		columns that the audit trail is not told
--	recorded	whether the audit trail is told of changes, where it differs from the kind's
--	proven_by	trigger function that looks at each row a worker writes, where it differs from the kind's
--	board		whether the workers' lists for searches read the table

CREATE TABLE guard_kind (
    name text PRIMARY KEY,
    closed boolean NOT NULL,
    readable boolean NOT NULL,
    recorded boolean NOT NULL,
    proven_by text,
    policies text[] NOT NULL DEFAULT '{}'
);
COMMENT ON TABLE guard_kind IS 'What a table can be to the service.';
COMMENT ON COLUMN guard_kind.name IS 'Its name in guard().';
COMMENT ON COLUMN guard_kind.closed IS 'Whether row security is on: without a policy nobody but the owner sees a row.';
COMMENT ON COLUMN guard_kind.readable IS 'Whether workers may read, as far as row security goes.';
COMMENT ON COLUMN guard_kind.recorded IS 'Whether the audit trail is told of changes.';
COMMENT ON COLUMN guard_kind.proven_by IS 'Trigger function that looks at each row a worker writes.';
COMMENT ON COLUMN guard_kind.policies IS 'The policies of such a table; %s is its name.';

CREATE TABLE guarded (
    of_table regclass PRIMARY KEY,
    kind text NOT NULL REFERENCES guard_kind,
    board boolean NOT NULL
);
COMMENT ON TABLE guarded IS 'The register of tables: what each is.';
COMMENT ON COLUMN guarded.of_table IS 'The table.';
COMMENT ON COLUMN guarded.kind IS 'What it is.';
COMMENT ON COLUMN guarded.board IS 'Whether the workers'' lists for searches read it.';

CREATE FUNCTION columns_but(of_table regclass, but text[]) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) FROM pg_attribute a
     WHERE a.attrelid = of_table AND a.attnum > 0 AND NOT a.attisdropped AND a.attname <> ALL (but)
$$;
COMMENT ON FUNCTION columns_but IS 'The columns of a table without these, as a GRANT names them.';

CREATE FUNCTION guard_rows(of_table regclass, k guard_kind) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    rule text;
BEGIN
    IF k.closed THEN
        EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', of_table);
    END IF;
    FOREACH rule IN ARRAY k.policies LOOP
        EXECUTE format(rule, of_table);
    END LOOP;
END $$;
COMMENT ON FUNCTION guard_rows IS 'Who sees which rows: row security and the policies of the kind.';

CREATE FUNCTION guard_rights(of_table regclass, readable boolean, writes text[], fixed text[], unread text[]) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    verb text;
BEGIN
    IF readable THEN
        EXECUTE format('GRANT SELECT %s ON %s TO haven_app',
                       CASE WHEN unread <> '{}' THEN '(' || columns_but(of_table, unread) || ')' END, of_table);
    END IF;
    FOREACH verb IN ARRAY writes LOOP
        EXECUTE format('GRANT %s %s ON %s TO haven_app', verb,
                       CASE WHEN verb = 'update' AND fixed <> '{}' THEN '(' || columns_but(of_table, fixed) || ')' END, of_table);
    END LOOP;
END $$;
COMMENT ON FUNCTION guard_rights IS 'What workers may do with which columns.';

CREATE FUNCTION guard_changes(of_table regclass, name text, recorded boolean, untold text[], proven_by text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    IF recorded THEN
        EXECUTE format('CREATE TRIGGER %I AFTER INSERT OR UPDATE OR DELETE ON %s FOR EACH ROW EXECUTE FUNCTION audit.record(%s)',
                       name || '_audit', of_table, (SELECT string_agg(quote_literal(c), ', ') FROM unnest(untold) c));
    END IF;
    IF proven_by IS NOT NULL THEN
        -- triggers fire in the order of their names: this before all others that could have an effect
        EXECUTE format('CREATE TRIGGER a_proven BEFORE INSERT OR UPDATE ON %s FOR EACH ROW EXECUTE FUNCTION %I()',
                       of_table, proven_by);
    END IF;
END $$;
COMMENT ON FUNCTION guard_changes IS 'What happens at each change: the look at a worker''s row, and the line in the audit trail.';

CREATE FUNCTION guard_board(of_table regclass) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('CREATE POLICY board ON %s FOR SELECT TO haven_board USING (true)', of_table);
    EXECUTE format('GRANT SELECT ON %s TO haven_board', of_table);
END $$;
COMMENT ON FUNCTION guard_board IS 'The workers'' lists for searches read all rows.';

CREATE FUNCTION guard(of_table regclass, belongs text, writes text DEFAULT '', fixed text[] DEFAULT '{}', unread text[] DEFAULT '{}',
                      untold text[] DEFAULT '{}', recorded boolean DEFAULT NULL, proven_by text DEFAULT NULL,
                      board boolean DEFAULT false) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    k guard_kind;
BEGIN
    SELECT * INTO STRICT k FROM guard_kind WHERE name = belongs;
    PERFORM guard_rows(of_table, k);
    PERFORM guard_rights(of_table, k.readable, string_to_array(writes, ', '), fixed, unread);
    PERFORM guard_changes(of_table, (SELECT relname FROM pg_class WHERE oid = of_table), coalesce(recorded, k.recorded), untold,
                          coalesce(guard.proven_by, k.proven_by));
    IF board THEN
        PERFORM guard_board(of_table);
    END IF;
    INSERT INTO guarded VALUES (of_table, belongs, board);
END $$;
COMMENT ON FUNCTION guard IS 'Makes what a table is: row security, policies, rights, triggers, and its row in the register.';

-- The kinds that need nothing but who asks; the kind of what belongs to a case stands with the cases.
--
--	open	every worker reads all rows
--	owner	the owner's functions alone
--	alone	closed, with policies of its own beside it
--	own	rows of the person who asks
--	supply	a provider sees and changes what is its own, the others see the partnership's

CREATE FUNCTION may_write_supply(organisation uuid) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
BEGIN
    RETURN audit.proven() AND coalesce(is_provider() AND organisation = my_organisation(), false);
END $$;
COMMENT ON FUNCTION may_write_supply IS 'Whether who asks, proven, is of that provider.';
GRANT EXECUTE ON FUNCTION may_write_supply TO haven_app;

CREATE FUNCTION supply_row_proven() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_user = 'haven_app' AND NOT may_write_supply(NEW.organisation_id) THEN
        PERFORM refuse_unproven();
    END IF;
    RETURN NEW;
END $$;
COMMENT ON FUNCTION supply_row_proven IS 'A place is written by its provider''s people; whose it is never changes.';

CREATE FUNCTION own_row_proven() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_user = 'haven_app' AND NOT (audit.proven() AND coalesce(NEW.account_id = audit.me('account')::uuid, false)) THEN
        PERFORM refuse_unproven();
    END IF;
    RETURN NEW;
END $$;
COMMENT ON FUNCTION own_row_proven IS 'An answer is stored for who asked.';

INSERT INTO guard_kind (name, closed, readable, recorded, proven_by, policies) VALUES
    ('open', false, true, false, NULL, '{}'),
    ('owner', false, false, false, NULL, '{}'),
    ('alone', true, true, true, NULL, '{}'),
    ('own', true, true, true, NULL, ARRAY[
        'CREATE POLICY own ON %s TO haven_app USING (account_id = (SELECT audit.me(''account'')::uuid))']),
    ('supply', true, true, true, 'supply_row_proven', ARRAY[
        'CREATE POLICY own ON %s TO haven_app USING ((SELECT is_provider()) AND organisation_id = (SELECT my_organisation()))',
        'CREATE POLICY partners ON %s FOR SELECT TO haven_app USING (organisation_id = ANY ((SELECT my_partners())::uuid[])
             AND NOT (SELECT is_provider()) AND (SELECT audit.me(''role'')) <> ''contractor'')']);

SELECT guard('guard_kind', 'owner');
SELECT guard('guarded', 'owner');
SELECT guard('haven_migration', 'open');
SELECT guard('audit.proof_key', 'owner');
SELECT guard('audit.event', 'alone', recorded => false);
SELECT guard('audit.link', 'owner');
SELECT guard('audit.head', 'owner');
