-- What interim placements cost, and the bills that pay for their nights.

-- name: fund_stay_show
SELECT s.* FROM fund.stay($1::uuid) s

-- name: fund_stay_bill
SELECT t.outcome AS _outcome, t.id AS _id, t.left_pence, t.most_pence, t.so_far_pence
  FROM fund.bill_stay($1::uuid, $2::boolean) t
