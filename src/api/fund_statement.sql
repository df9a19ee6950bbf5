-- Statements of the bank.

-- name: fund_statement_list
-- $1 rows, $2 cursor
SELECT v.*, v.read_at || '|' || v.id AS _cursor FROM fund.statement_view v
 WHERE ($2::text IS NULL OR (v.read_at, v.id) < (split_part($2, '|', 1), split_part($2, '|', 2)::uuid))
 ORDER BY v.read_at DESC, v.id DESC LIMIT $1::integer

-- name: fund_statement_show
SELECT v.*, l.lines, l.certain
  FROM fund.statement_view v
 CROSS JOIN LATERAL (SELECT coalesce(json_agg(r ORDER BY r.n), '[]') AS lines,
                            count(*) FILTER (WHERE r.state = 'waiting' AND r.verdict IN ('confirm', 'bounce', 'run'))
                                ::integer AS certain
                       FROM fund.verdicts(v.id) r) l
 WHERE v.id = $1::uuid

-- name: fund_statement_read
-- $1 the form, $2 its rows [{day, amount_pence, words}], $3 SHA-256 of the text
SELECT s.id, s.there FROM fund.read_statement($1::jsonb || jsonb_build_object('lines', $2::jsonb), decode($3, 'hex')) s

-- name: fund_statement_apply
-- $3 {rows}
SELECT a.outcome AS _outcome, a.applied
  FROM fund.apply_statement($1::uuid, $2::integer,
           CASE WHEN jsonb_array_length(coalesce($3::jsonb -> 'rows', '[]')) > 0
                THEN ARRAY(SELECT jsonb_array_elements_text($3::jsonb -> 'rows')::integer) END) a

-- name: fund_statement_explain
SELECT fund.explain_row($1::uuid, $2::integer, $3) AS _outcome
