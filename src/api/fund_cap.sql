-- Caps of categories.

-- name: fund_cap_list
-- What each category allows today, as the operator or the caller's organisation set it, and what is set from days to
-- come. $1 rows, $2 cursor
SELECT x.*, x.category || '|' || coalesce(x.from_day, '-infinity') AS _cursor
  FROM (SELECT g.code AS category, NULL::uuid AS id, g.payment_pence, g.household_pence, NULL::date AS from_day,
               NULL::date AS until_day, NULL::text AS set_by, g.source
          FROM fund.category g
        UNION ALL
        SELECT c.category, c.id, c.payment_pence, c.household_pence, c.from_day, c.until_day,
               colleague_name(c.set_by), NULL
          FROM fund.category_cap c
         WHERE c.organisation_id = my_organisation()
           AND (c.until_day IS NULL OR c.until_day > greatest(today(), c.from_day))) x
 WHERE $2::text IS NULL OR x.category || '|' || coalesce(x.from_day, '-infinity') > $2
 ORDER BY x.category || '|' || coalesce(x.from_day, '-infinity') LIMIT $1::integer

-- name: fund_cap_set
SELECT fund.set_cap($1::jsonb) AS id
