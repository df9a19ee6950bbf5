-- One line beside each CREATE TABLE says what the table is, and guard() makes everything that follows: row
-- security, policies, rights, triggers. Row security uses the settings that the start of a request makes;
-- without them a worker sees nothing. It is forced, so it also binds an owner without BYPASSRLS.
--
--	SELECT guard('vacancy', 'supply', writes => 'insert, update', fixed => '{id,organisation_id,unit_id}',
--	             board => true);
--
--	belongs		kind of the table: a row of guard_kind
--	writes		what workers may do apart from reading: insert, update, delete; nothing by default
--	fixed		columns that workers may never change
--	unread		columns that workers may not read
--	untold		columns that never go into the audit trail, which cannot be edited: those that an
--			erasure takes, and those that the trail's readers may not know
--	erase		for a table about a household: what an erasure does to its rows. rows: it deletes them;
--			facts: the untold columns get their default; kept: nothing, because statistics count them
--	erased		for columns that an erasure sets to something other than their default: {"column": "expression"}
--	recorded	whether the audit trail records changes, where that differs from the kind
--	proven_by	trigger function that checks each row a worker writes, where that differs from the kind
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
COMMENT ON COLUMN guard_kind.closed IS 'Whether row security is on. Without a policy only the owner sees rows.';
COMMENT ON COLUMN guard_kind.readable IS 'Whether workers may read, as far as row security goes.';
COMMENT ON COLUMN guard_kind.recorded IS 'Whether changes go into the audit trail.';
COMMENT ON COLUMN guard_kind.proven_by IS 'Trigger function that looks at each row a worker writes.';
COMMENT ON COLUMN guard_kind.policies IS 'The policies of such a table; %s is its name.';

CREATE TABLE guarded (
    of_table regclass PRIMARY KEY,
    kind text NOT NULL REFERENCES guard_kind,
    board boolean NOT NULL,
    erase text CHECK (erase IN ('rows', 'facts', 'kept')),
    untold text[] NOT NULL,
    erased jsonb NOT NULL
);
COMMENT ON TABLE guarded IS 'The register of tables: what guard() was told of each.';
COMMENT ON COLUMN guarded.of_table IS 'The table.';
COMMENT ON COLUMN guarded.kind IS 'What it is.';
COMMENT ON COLUMN guarded.board IS 'Whether the workers'' lists for searches read it.';
COMMENT ON COLUMN guarded.erase IS
    'What the erasure of a household does to its rows; NULL where the table is not about one.';
COMMENT ON COLUMN guarded.untold IS 'Columns that the audit trail is not told.';
COMMENT ON COLUMN guarded.erased IS 'What an erasure makes of columns that do not become their default.';

CREATE FUNCTION columns_but(of_table regclass, but text[]) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) FROM pg_attribute a
     WHERE a.attrelid = of_table AND a.attnum > 0 AND NOT a.attisdropped AND a.attname <> ALL (but)
$$;
COMMENT ON FUNCTION columns_but IS 'The columns of a table without these, as a GRANT names them.';

CREATE FUNCTION guard_checks(of_table regclass, named text[], erase text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    has text[] := ARRAY(SELECT attname FROM pg_attribute WHERE attrelid = of_table AND attnum > 0 AND NOT attisdropped);
BEGIN
    IF NOT named <@ has THEN
        RAISE EXCEPTION '% has no column %', of_table,
            (SELECT string_agg(n, ', ') FROM unnest(named) n WHERE n <> ALL (has));
    ELSIF 'household_id' = ANY (has) AND erase IS NULL THEN
        RAISE EXCEPTION '% is about a household: say what an erasure does to its rows', of_table;
    END IF;
END $$;
COMMENT ON FUNCTION guard_checks IS
    'Refuses columns that are not there, and a table about a household without an erasure rule.';

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
COMMENT ON FUNCTION guard_rows IS 'Switches row security on and makes the policies of the kind.';

CREATE FUNCTION guard_rights(of_table regclass, readable boolean, writes text[], fixed text[],
                             unread text[]) RETURNS void
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
                       CASE WHEN verb = 'update' AND fixed <> '{}' THEN '(' || columns_but(of_table, fixed) || ')' END,
                       of_table);
    END LOOP;
END $$;
COMMENT ON FUNCTION guard_rights IS 'Grants what workers may do, column by column.';

CREATE FUNCTION guard_changes(of_table regclass, name text, recorded boolean, untold text[],
                              proven_by text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    IF recorded THEN
        EXECUTE format('CREATE TRIGGER %I AFTER INSERT OR UPDATE OR DELETE ON %s FOR EACH ROW '
                       'EXECUTE FUNCTION audit.record(%s)',
                       name || '_audit', of_table, (SELECT string_agg(quote_literal(c), ', ') FROM unnest(untold) c));
    END IF;
    IF proven_by IS NOT NULL THEN
        -- triggers fire in the order of their names: this one must come before any other that has an effect
        EXECUTE format('CREATE TRIGGER a_proven BEFORE INSERT OR UPDATE ON %s FOR EACH ROW EXECUTE FUNCTION %I()',
                       of_table, proven_by);
    END IF;
END $$;
COMMENT ON FUNCTION guard_changes IS
    'Makes the triggers of a change: the check of a worker''s row, and the line in the audit trail.';

CREATE FUNCTION guard_board(of_table regclass) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('CREATE POLICY board ON %s FOR SELECT TO haven_board USING (true)', of_table);
    EXECUTE format('GRANT SELECT ON %s TO haven_board', of_table);
END $$;
COMMENT ON FUNCTION guard_board IS 'Lets the workers'' lists for searches read all rows.';

CREATE FUNCTION guard(of_table regclass, belongs text, writes text DEFAULT '', fixed text[] DEFAULT '{}',
                      unread text[] DEFAULT '{}',
                      untold text[] DEFAULT '{}', erase text DEFAULT NULL, erased jsonb DEFAULT '{}',
                      recorded boolean DEFAULT NULL,
                      proven_by text DEFAULT NULL, board boolean DEFAULT false) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    k guard_kind;
BEGIN
    SELECT * INTO STRICT k FROM guard_kind WHERE name = belongs;
    PERFORM guard_checks(of_table, fixed || unread || untold || ARRAY(SELECT jsonb_object_keys(erased)), erase);
    PERFORM guard_rows(of_table, k);
    PERFORM guard_rights(of_table, k.readable, string_to_array(writes, ', '), fixed, unread);
    PERFORM guard_changes(of_table, (SELECT relname FROM pg_class WHERE oid = of_table), coalesce(recorded, k.recorded),
                          untold, coalesce(guard.proven_by, k.proven_by));
    IF board THEN
        PERFORM guard_board(of_table);
    END IF;
    INSERT INTO guarded VALUES (of_table, belongs, board, erase, untold, erased);
END $$;
COMMENT ON FUNCTION guard IS
    'Makes a table what the arguments say: row security, policies, rights, triggers, and its row in the register.';

-- The kinds that depend on the caller alone; the kind of tables that belong to a case stands with the cases.
--
--	open	every worker reads all rows
--	owner	only functions of the owner read it; closed without a policy
--	sealer	the vault's sealer alone reads it and adds to it, by COPY, which takes no row security
--	alone	closed, with policies of its own beside it
--	own	the caller's own rows
--	supply	a provider sees and changes its own, other roles see the partnership's
--
-- The partners are IN a list, not = ANY of an array: after the latter the planner expects few rows, even of a
-- statement that names the organisation itself, and then sorts a history to show a page of it.

CREATE FUNCTION may_write_supply(organisation uuid) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
BEGIN
    RETURN audit.proven() AND coalesce(is_provider() AND organisation = my_organisation(), false);
END $$;
COMMENT ON FUNCTION may_write_supply IS 'Whether the caller is proven and works for that provider.';
GRANT EXECUTE ON FUNCTION may_write_supply TO haven_app;

CREATE FUNCTION supply_row_proven() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_user = 'haven_app' AND NOT may_write_supply(NEW.organisation_id) THEN
        PERFORM refuse_unproven();
    END IF;
    RETURN NEW;
END $$;
COMMENT ON FUNCTION supply_row_proven IS
    'The provider''s own people write its places. The provider of a place never changes.';

CREATE FUNCTION own_row_proven() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_user = 'haven_app'
        AND NOT (audit.proven() AND coalesce(NEW.account_id = audit.me('account')::uuid, false)) THEN
        PERFORM refuse_unproven();
    END IF;
    RETURN NEW;
END $$;
COMMENT ON FUNCTION own_row_proven IS 'A stored answer belongs to the caller.';

INSERT INTO guard_kind (name, closed, readable, recorded, proven_by, policies) VALUES
    ('open', false, true, false, NULL, '{}'), ('owner', true, false, false, NULL, '{}'),
    ('sealer', false, false, false, NULL, '{}'),
    ('alone', true, true, true, NULL, '{}'), ('own', true, true, true, NULL, ARRAY[
        'CREATE POLICY own ON %s TO haven_app USING (account_id = (SELECT audit.me(''account'')::uuid))']),
    ('supply', true, true, true, 'supply_row_proven', ARRAY[
        'CREATE POLICY own ON %s TO haven_app
             USING ((SELECT is_provider()) AND organisation_id = (SELECT my_organisation()))',
        'CREATE POLICY partners ON %s FOR SELECT TO haven_app
             USING ((SELECT sees_supply()) AND NOT (SELECT is_provider())
                    AND organisation_id IN (SELECT unnest(my_partners())))']);

SELECT guard('guard_kind', 'owner');
SELECT guard('guarded', 'owner');
SELECT guard('haven_migration', 'open');
SELECT guard('audit.proof_key', 'owner');
SELECT guard('audit.event', 'alone', erase => 'kept', recorded => false);
SELECT guard('audit.link', 'sealer');
SELECT guard('audit.head', 'sealer');
-- The sealer reads the trail and adds links and heads. It never writes an event.
CREATE POLICY sealer ON audit.event FOR SELECT TO haven_vault USING (true);
GRANT SELECT ON audit.event TO haven_vault;
GRANT SELECT, INSERT ON audit.link, audit.head TO haven_vault;
