-- A session plans what an act needs once. A function of SQL is planned at each transaction, and a statement that is put
-- together at run time at each call; an act on a job asks some ten of them, so most of its time was planning.

CREATE FUNCTION sanctuary.keep_plans() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    f record;
BEGIN
    FOR f IN SELECT p.oid, p.proname, p.prosrc, p.provolatile, pg_get_function_arguments(p.oid) AS args,
                    format_type(p.prorettype, NULL) AS returned
               FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang AND l.lanname = 'sql'
              WHERE p.pronamespace = 'sanctuary'::regnamespace AND p.prorettype = 'sanctuary.told'::regtype
                AND p.proname ~ '^(need|works_need|change_need|fire|alarm|line)_' LOOP
        EXECUTE format(E'CREATE OR REPLACE FUNCTION sanctuary.%I(%s) RETURNS %s LANGUAGE plpgsql %s AS $f$\n'
                       '#variable_conflict use_column\nBEGIN\n    RETURN (%s);\nEND $f$',
                       f.proname, f.args, f.returned, CASE f.provolatile WHEN 'v' THEN 'VOLATILE' ELSE 'STABLE' END,
                       rtrim(f.prosrc, E' \n;'));
    END LOOP;
END $$;
COMMENT ON FUNCTION sanctuary.keep_plans IS
    'Stores the needs that are written as one statement so that a session plans each once. A migration that writes a '
    'need, or a table row that names one, calls this and sanctuary.make_doors().';

CREATE FUNCTION sanctuary.make_door(door text, prefix text, given text, passed text, codes text[]) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format(E'CREATE OR REPLACE FUNCTION sanctuary.%I(code text, %s) RETURNS sanctuary.told LANGUAGE plpgsql '
                   'AS $f$\nBEGIN\n    CASE code\n%s\n    END CASE;\nEND $f$', door, given,
                   (SELECT string_agg(format('        WHEN %L THEN RETURN sanctuary.%I(%s);', c.code, prefix || c.code,
                                             passed), E'\n' ORDER BY c.code)
                      FROM (SELECT DISTINCT unnest(codes) AS code) c));
END $$;
COMMENT ON FUNCTION sanctuary.make_door IS 'Writes the function that calls the function of a code.';

CREATE FUNCTION sanctuary.make_doors() RETURNS void LANGUAGE sql AS $$
    SELECT sanctuary.make_door('job_need', 'need_', 'j sanctuary.job, item jsonb', 'j, item',
                               ARRAY(SELECT unnest(r.needs) FROM sanctuary.act_rule r)),
           sanctuary.make_door('job_deed', 'do_', 'j sanctuary.job, item jsonb', 'j, item',
                               ARRAY(SELECT unnest(r.does) FROM sanctuary.act_rule r)),
           sanctuary.make_door('works_need', 'works_need_', 'o sanctuary.works_order, item jsonb', 'o, item',
                               ARRAY(SELECT unnest(s.needs) FROM sanctuary.works_step s)),
           sanctuary.make_door('change_need', 'change_need_',
                               'o sanctuary.works_order, v sanctuary.variation, item jsonb', 'o, v, item',
                               ARRAY(SELECT unnest(s.needs) FROM sanctuary.works_change_step s))
$$;
COMMENT ON FUNCTION sanctuary.make_doors IS
    'Writes the functions that ask a need, and do a deed, by its code, from the tables of acts.';

CREATE OR REPLACE FUNCTION sanctuary.run(part text, codes text[], j sanctuary.job, item jsonb)
RETURNS sanctuary.told LANGUAGE plpgsql AS $$
DECLARE
    code text;
    told sanctuary.told;
    made uuid;
BEGIN
    FOREACH code IN ARRAY codes LOOP
        IF part = 'need_' THEN
            told := sanctuary.job_need(code, j, item);
        ELSE
            told := sanctuary.job_deed(code, j, item);
        END IF;
        EXIT WHEN told.outcome IS NOT NULL;
        made := coalesce(told.id, made);
    END LOOP;
    told.id := coalesce(told.id, made);
    RETURN told;
END $$;

CREATE OR REPLACE FUNCTION sanctuary.run_change(o sanctuary.works_order, v sanctuary.variation,
                                                step sanctuary.works_change_step, item jsonb)
RETURNS sanctuary.told LANGUAGE plpgsql AS $$
DECLARE
    need text;
    told sanctuary.told;
    it sanctuary.variation := v;
    waits boolean := step.act = 'agree_fund' AND v.first_by IS NULL AND v.more_pence > 0
        -- asked before the needs, which promise the money where one person is enough
        AND (SELECT sanctuary.two_for(j, sanctuary.new_total(o, v)) FROM sanctuary.job j WHERE j.id = o.job_id);
BEGIN
    FOREACH need IN ARRAY step.needs LOOP
        IF it.id IS NULL AND need IN ('cap', 'money_approved') THEN
            it := sanctuary.new_change(o, item, item ->> 'reason');
        END IF;
        told := sanctuary.change_need(need, o, it, item);
        IF told.outcome IS NOT NULL THEN
            RETURN told;
        END IF;
    END LOOP;
    IF it.id IS NULL THEN
        it := sanctuary.new_change(o, item, item ->> 'reason');
    END IF;
    IF NOT EXISTS (SELECT FROM sanctuary.variation_line c WHERE c.variation_id = it.id) THEN
        RETURN sanctuary.refusal('lines', '/lines');
    END IF;
    PERFORM sanctuary.change_decided(it, step, item, coalesce(waits, false));
    UPDATE sanctuary.works_order x SET version = x.version + 1 WHERE x.id = o.id;
    RETURN NULL;
END $$;

SELECT sanctuary.keep_plans();
SELECT sanctuary.make_doors();
COMMENT ON FUNCTION sanctuary.job_need IS 'Asks one need of an act on a job; NULL where it is met.';
COMMENT ON FUNCTION sanctuary.job_deed IS 'Does one deed of an act on a job; a refusal where it cannot.';
COMMENT ON FUNCTION sanctuary.change_need IS 'Asks one need of an act on a change; NULL where it is met.';
