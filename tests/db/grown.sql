-- A database of size M in which every table that grows with history has rows, for test_grown.c: what is
-- looked at are plans, so the rows need be many, not right.

-- Everything grows but what is said here.
CREATE VIEW grows AS
SELECT c.oid AS of_table, c.relname AS name
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE c.relkind = 'r' AND n.nspname IN ('public', 'audit', 'vault', 'fund', 'sanctuary')
   AND c.oid <> 'public.job'::regclass -- a row each
   AND c.relname NOT IN (
       'haven_migration', 'guard_kind', 'guarded', 'proof_key', 'decision_limit', 'office_hours', 'self_referral_information', 'policy', 'district', 'district_neighbour', -- what the schema says
       'partnership', 'organisation', 'account', 'person_search_count', 'provider_answer', -- who takes part: a row each
       'property', 'unit', 'property_address', 'root_key', -- what there is to live in
       'pot', 'pot_year', 'category', 'ceiling', 'approval_limit', 'weekly_rate', 'nightly_rate', 'year_step', 'request_step', 'run_step', 'gl_setting', 'gl_act', -- the fund's rules
       'act_rule', 'move', 'measure', 'price', 'fire_rule', 'stage', 'firm', 'firm_price', 'works_step', 'works_change_step', 'works_rule', 'clock_rule', -- the rules of the sanctuary scheme
       'change_log', 'sign_in_failure'); -- kept ten minutes, and a day

-- A value of a type for the row n; of a column that refers to another table, one that is there.
CREATE FUNCTION invented(of_table regclass, a pg_attribute) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    base text := (SELECT format_type(CASE WHEN t.typbasetype <> 0 THEN t.typbasetype ELSE t.oid END, NULL) FROM pg_type t WHERE t.oid = a.atttypid);
    there record;
BEGIN
    SELECT k.confrelid::regclass AS of_table, o.attname INTO there FROM pg_constraint k JOIN pg_attribute o ON o.attrelid = k.confrelid AND o.attnum = k.confkey[1]
     WHERE k.conrelid = invented.of_table AND k.contype = 'f' AND a.attnum = k.conkey[1] LIMIT 1;
    IF FOUND AND base = 'uuid' THEN
        RETURN format('(SELECT array_agg(%2$I) FROM (SELECT %2$I FROM %1$s LIMIT 5000) x)[1 + n %% (SELECT least(count(*), 5000)::integer FROM %1$s)]',
                      there.of_table, there.attname);
    END IF;
    RETURN CASE base WHEN 'uuid' THEN 'gen_random_uuid()' WHEN 'timestamp with time zone' THEN 'now() - n * interval ''10 minutes'''
                     WHEN 'date' THEN 'current_date - n % 3000' WHEN 'boolean' THEN 'n % 10 = 0' WHEN 'bytea' THEN 'sha256(n::text::bytea)'
                     WHEN 'jsonb' THEN '''{}''' WHEN 'xid8' THEN 'n::text::xid8' WHEN 'smallint' THEN 'n % 64' WHEN 'daterange' THEN '''[today,)'''
                     WHEN 'tstzrange' THEN 'tstzrange(now() - n * interval ''10 minutes'', now() - n * interval ''10 minutes'' + interval ''1 minute'')'
                     WHEN 'time without time zone' THEN 'time ''08:00'''
                     ELSE CASE WHEN base LIKE '%[]' THEN '''{}''' ELSE 'n' END END;
END $$;

CREATE FUNCTION fill(of_table regclass) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    rule record;
    names text;
    made text;
BEGIN
    FOR rule IN SELECT conname FROM pg_constraint WHERE conrelid = of_table AND contype = 'c' LOOP
        EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', of_table, rule.conname);
    END LOOP;
    SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum),
           string_agg(CASE WHEN a.attnotnull THEN invented(of_table, a) ELSE format('(CASE WHEN n %% 10 > 0 THEN %s END)::%s', invented(of_table, a),
                                                                                                    format_type(a.atttypid, NULL)) END, ', '
                      ORDER BY a.attnum)
      INTO names, made FROM pg_attribute a
     WHERE a.attrelid = of_table AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' AND a.attidentity = '';
    EXECUTE format('INSERT INTO %s (%s) SELECT %s FROM generate_series(1, 8000) n ON CONFLICT DO NOTHING', of_table, names, made);
    EXECUTE format('ANALYZE %s', of_table);
END $$;

-- What others refer to comes first.
CREATE VIEW fills AS
WITH RECURSIVE deep (of_table, depth) AS (
    SELECT g.of_table, 0 FROM grows g
     UNION
    SELECT k.conrelid, d.depth + 1 FROM deep d
      JOIN pg_constraint k ON k.confrelid = d.of_table AND k.contype = 'f' AND k.conrelid <> k.confrelid
     WHERE d.depth < 8
)
SELECT g.of_table, g.name, max(d.depth) AS depth FROM grows g JOIN deep d ON d.of_table = g.of_table
 GROUP BY g.of_table, g.name;

SET session_replication_role = replica;
DO $$
DECLARE
    it record;
BEGIN
    FOR it IN SELECT t.typname, k.conname FROM pg_constraint k JOIN pg_type t ON t.oid = k.contypid JOIN pg_namespace n ON n.oid = t.typnamespace
               WHERE n.nspname = 'public' LOOP
        EXECUTE format('ALTER DOMAIN %I DROP CONSTRAINT %I', it.typname, it.conname);
    END LOOP;
    FOR it IN SELECT g.of_table FROM fills g JOIN pg_class c ON c.oid = g.of_table WHERE c.reltuples < 5000 ORDER BY g.depth, g.name LOOP
        PERFORM fill(it.of_table);
    END LOOP;
END $$;
RESET session_replication_role;

-- A row's id, of those for which it is so.
CREATE FUNCTION a_row(of_table regclass, so text DEFAULT 'true') RETURNS text LANGUAGE plpgsql STABLE AS $$
DECLARE
    found text;
BEGIN
    EXECUTE format('SELECT id FROM %s WHERE %s LIMIT 1', of_table, so) INTO STRICT found;
    RETURN found;
END $$;

-- Sessions of one person of a role each; the token is the role's hash.
INSERT INTO session (account_id, token_hash, idle_minutes, expires_at)
SELECT min(a.id::text)::uuid, sha256(sha256(a.role::text::bytea)), 60, now() + interval '1 hour' FROM account a GROUP BY a.role;
CREATE FUNCTION token(of_role text) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT encode(sha256(of_role::bytea), 'hex') $$;
CREATE FUNCTION somebody(of_role text) RETURNS text LANGUAGE sql STABLE AS $$ SELECT min(id::text) FROM account WHERE role = of_role $$;
