-- The strongest SQL for the question of a search: a narrow table in which every rule is a bit, so that
-- one AND per row decides most of it; the twenty best are chosen first and joined to what is shown last.
-- It answers less than Haven does: no counts of what does not fit and why, no near misses, no reasons, no
-- questions. What depends on the clock (lapsed, stale, held, who is on duty at this hour) is settled when the
-- table is filled, which a service could not do. It leaves out what the set does not have: studios, taken
-- nights, vacancies with a last day, risks of residents, wishes of area. All of that is in SQL's favour.
DROP SCHEMA IF EXISTS bench CASCADE;
CREATE SCHEMA bench;
GRANT USAGE ON SCHEMA bench TO haven_app;

-- Bits are numbered in needs.c.
CREATE TABLE bench.side (
    hard bigint, size bigint, district_bit bigint, languages bigint, more_languages bigint, ask integer, free_from date,
    specialisms integer, longest_stay smallint, district smallint, people smallint, points smallint, cost_points smallint,
    tonight_points smallint, support integer, type_bit smallint, second_stage boolean, adapted boolean, id uuid
);

CREATE FUNCTION bench.bits(VARIADIC flags boolean[]) RETURNS bigint LANGUAGE sql IMMUTABLE AS
$$ SELECT coalesce(sum(CASE WHEN flag THEN 1::bigint << (n - 1)::integer END), 0)::bigint FROM unnest(flags) WITH ORDINALITY f (flag, n) $$;
CREATE FUNCTION bench.code_bits(codes text[], list text[]) RETURNS bigint LANGUAGE sql IMMUTABLE AS
$$ SELECT coalesce(sum(1::bigint << (array_position(list, c) - 1)), 0)::bigint FROM unnest(codes) c WHERE c = ANY (list) $$;

INSERT INTO bench.side
SELECT bench.bits(VARIADIC ARRAY[p.residents <> 'men', p.residents <> 'women', u.adult_children IS DISTINCT FROM 'no',
                  u.pets IS DISTINCT FROM 'no', u.nrpf IS DISTINCT FROM 'no',
                  u.mental_health IS DISTINCT FROM 'no', u.drugs IS DISTINCT FROM 'no', u.alcohol IS DISTINCT FROM 'no',
                  u.offending IS DISTINCT FROM 'no', u.arson IS DISTINCT FROM 'no', u.violence IS DISTINCT FROM 'no',
                  u.sexual_offending IS DISTINCT FROM 'no',
                  u.wheelchair IS NULL OR u.wheelchair <> 'none', u.wheelchair IS NULL OR u.wheelchair IN ('essential_rooms', 'full'),
                  u.wheelchair IS NULL OR u.wheelchair = 'full', u.step_free IS NOT FALSE, u.floor IS NULL OR u.floor <= 0,
                  u.adapted_bathroom IS NOT FALSE,
                  true, u.highest_risk IS DISTINCT FROM 'standard', r.high IS NOT FALSE]
           || ARRAY(SELECT u.oldest_boy IS NULL OR least(u.oldest_boy, 17) >= age FROM generate_series(0, 17) age)
           || ARRAY[coalesce(u.min_age, 0) <= 17]),
       bench.bits(VARIADIC ARRAY(SELECT u.max_people IS NULL OR people - least(babies, u.cots) <= u.max_people
                                   FROM generate_series(0, 2) babies, generate_series(1, 10) people ORDER BY babies, people)
           || ARRAY[false, false]
           || ARRAY(SELECT NOT u.self_contained OR u.bedrooms IS NULL OR u.bedrooms >= rooms FROM generate_series(1, 12) rooms)),
       1::bigint << d.number, bench.code_bits(u.languages, (:'languages'::text[])[1:63]),
       bench.code_bits(u.languages, (:'languages'::text[])[64:126]),
       bench.bits(VARIADIC ARRAY[u.adult_children IS NULL OR u.adult_children = 'ask', u.self_contained AND u.bedrooms IS NULL,
                  u.highest_risk IS NULL OR r.high IS NULL, u.highest_risk IS NULL,
                  u.nrpf IS NULL OR u.nrpf = 'ask', u.pets IS NULL OR u.pets = 'ask',
                  u.longest_stay_days IS NULL, coalesce(u.longest_stay_days, 0) < 28,
                  u.adult_children IS DISTINCT FROM 'yes']
           || ARRAY(SELECT u.self_contained AND u.bedrooms < rooms FROM generate_series(1, 12) rooms))::integer,
       free_from(u.id, v.available_from), bench.code_bits(u.specialisms, :'specialisms'),
       coalesce(u.longest_stay_days, 32767), d.number, u.max_people,
       CASE WHEN u.longest_stay_days >= 90 THEN 4 ELSE 0 END + CASE WHEN v.confirmed_at <= now() - interval '24 hours' THEN -10 ELSE 5 END
       + CASE WHEN a.median_minutes <= 30 THEN 5 WHEN a.median_minutes >= 240 THEN -3 ELSE 0 END
       + CASE WHEN p.type = 'interim' THEN -20 ELSE 0 END,
       CASE WHEN u.weekly_cost_pence <= 35000 THEN 5 WHEN u.weekly_cost_pence >= 70000 THEN -5 ELSE 0 END,
       CASE WHEN p.staffing = '24h' THEN 15 WHEN p.staffing IS NOT NULL AND NOT office.open THEN -15 ELSE 0 END,
       bench.bits(coalesce(u.mental_health = 'yes', false), coalesce(u.drugs = 'yes', false), coalesce(u.alcohol = 'yes', false),
                  coalesce(u.offending = 'yes', false), coalesce(u.arson = 'yes', false), coalesce(u.violence = 'yes', false),
                  coalesce(u.sexual_offending = 'yes', false)),
       bench.code_bits(ARRAY[p.type], :'types'), p.type = 'second_stage',
       coalesce(u.wheelchair IN ('essential_rooms', 'full'), false) OR u.adapted_bathroom IS TRUE,
       v.id
  FROM vacancy v JOIN unit u ON u.id = v.unit_id JOIN property p ON p.id = u.property_id
  JOIN (SELECT code, substr(code, 3)::integer - 1 AS number FROM district WHERE code LIKE 'TS%') d ON d.code = p.outward_code
  LEFT JOIN provider_answer a ON a.organisation_id = p.organisation_id
  CROSS JOIN LATERAL (SELECT (u.highest_risk = 'high') IS NOT FALSE AND p.type <> 'second_stage'
                             AND (p.type <> 'interim' OR p.staffing = '24h') AS high) r
  CROSS JOIN (SELECT extract(isodow FROM l) <= 5 AND extract(hour FROM l) BETWEEN 9 AND 16 AS open
                FROM (SELECT now() AT TIME ZONE 'Europe/London' AS l) x) office
 WHERE v.withdrawn_at IS NULL AND v.taken_at IS NULL AND u.closed_at IS NULL AND p.closed_at IS NULL
   AND v.confirmed_at > now() - interval '72 hours';

CREATE TABLE bench.need (
    id integer PRIMARY KEY, hard bigint, size bigint, ask bigint, unsafe bigint,
    day date, stay smallint, people smallint, fund_pays smallint, place_points smallint[], specialisms integer, meant integer,
    languages bigint, more_languages bigint, support integer, types smallint, adapted smallint, stage smallint,
    tonight smallint, most smallint
);

GRANT SELECT ON ALL TABLES IN SCHEMA bench TO haven_app;
