-- Who is paid for a request to the fund.

-- name: fund_payee_key
-- The key of the household that a request is for, and whether the caller works on its case.
SELECT 'household' AS subject_kind, h.id AS subject, coalesce(k.organisation_id, h.organisation_id) AS organisation,
       encode(k.wrapped, 'hex') AS wrapped, k.destroyed, fund.may_ask(h.id) AS _works_on, case_seen(h.id) AS _seen
  FROM fund.request r JOIN household h ON h.id = r.household_id
  LEFT JOIN LATERAL vault.key_of('household', h.id) k ON true
 WHERE r.id = $1::uuid AND h.organisation_id = ANY ((SELECT my_partners())::uuid[])

-- name: fund_payee_put
-- $3 kind, $4 [{id, sealed}], $5 keyed hash of the account
SELECT t.outcome AS _outcome, t.left_pence, t.most_pence, t.so_far_pence
  FROM jsonb_to_recordset($4::jsonb) AS p (id uuid, sealed text),
       fund.put_payee($1::uuid, $2::integer, p.id, $3, decode(p.sealed, 'hex'), $5) t

-- name: fund_payee_agree
SELECT t.outcome AS _outcome, t.left_pence, t.most_pence, t.so_far_pence
  FROM fund.agree_payee($1::uuid, $2::integer) t

-- name: fund_payee_show
SELECT p.id, p.request_id, r.reference, r.amount_pence, p.kind, p.n > 1 AS changed,
       colleague_name(p.recorded_by) AS recorded_by, utc(p.recorded_at) AS recorded_at,
       colleague_name(p.verified_by) AS verified_by, utc(p.verified_at) AS verified_at,
       utc(p.refused_at) AS refused_at, utc(p.ended_at) AS ended_at, fund.shared_account(p.id) AS shared_account
  FROM fund.payee p JOIN fund.request r ON r.id = p.request_id
 WHERE p.id = $1::uuid

-- name: fund_payee_verify
SELECT t.outcome AS _outcome, t.id AS _id, t.left_pence, t.most_pence, t.so_far_pence
  FROM fund.verify_payee($1::uuid) t

-- name: fund_request_issue
SELECT t.outcome AS _outcome, t.left_pence, t.most_pence, t.so_far_pence
  FROM fund.issue($1::uuid, $2::integer, $3) t
