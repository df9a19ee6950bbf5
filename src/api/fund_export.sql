-- The export to the general ledger: its settings, its batches, and the lines of one.

-- name: fund_gl_list
-- $1 rows, $2 cursor; newest first
SELECT b.id, b.reference, b.lines, b.debit AS total_pence, b.from_seq AS first_posting, b.to_seq AS last_posting,
       colleague_name(b.made_by) AS made_by, utc(b.made_at) AS made_at, b.n AS _cursor
  FROM fund.gl_batch b
 WHERE b.organisation_id = my_organisation() AND ($2::integer IS NULL OR b.n < $2::integer)
 ORDER BY b.n DESC LIMIT $1::integer

-- name: fund_gl_show
SELECT b.id, b.reference, b.lines, b.debit AS total_pence, b.from_seq AS first_posting, b.to_seq AS last_posting,
       colleague_name(b.made_by) AS made_by, utc(b.made_at) AS made_at
  FROM fund.gl_batch b WHERE b.id = $1::uuid

-- name: fund_gl_make
SELECT m.outcome AS _outcome, m.id AS _id, m.pots AS _pots FROM fund.make_batch() m

-- name: fund_gl_settings
-- What stands before anybody has said anything: the acts that go there, and no code.
SELECT s.clearing_code, coalesce(s.vat_code, '') AS vat_code,
       (SELECT json_agg(a.act ORDER BY a.act) FROM fund.gl_acts(my_organisation()) a) AS acts,
       coalesce(s.version, 1) AS version
  FROM (SELECT 1) one LEFT JOIN fund.gl_setting s ON s.organisation_id = my_organisation()

-- name: fund_gl_set
SELECT fund.set_gl($1::integer, $2::jsonb) AS _set

-- name: fund_gl_lines
-- A batch as its files have it; amounts in pence.
SELECT b.reference AS batch_id, l.n AS line_no, l.posting_id, l.booked_on, l.value_on, l.period, l.gl_code,
       l.cost_centre, l.pot AS pot_code, l.funder AS funder_ref, l.category, l.case_reference AS case_ref,
       l.debit, l.credit, l.vat_code, l.vat AS vat_amount, l.reference, l.reverses AS reverses_posting
  FROM fund.gl_batch b JOIN fund.gl_line l ON l.batch_id = b.id
 WHERE b.id = $1::uuid ORDER BY l.n

-- name: fund_gl_total
SELECT b.id, b.reference AS batch_id, b.lines, b.debit, b.credit, extract(epoch FROM b.made_at)::bigint AS made
  FROM fund.gl_batch b WHERE b.id = $1::uuid
