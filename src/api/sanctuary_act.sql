-- The one door of every act on a job of the sanctuary scheme.

-- name: sanctuary_act
-- $2 the version that the caller saw, $3 the act, $4 what was entered
SELECT t.outcome AS _outcome, t.field AS _field, t.rule AS _rule, t.money AS _money, t.left_pence, t.most_pence,
       t.so_far_pence
  FROM sanctuary.act($1::uuid, $2::integer, $3, $4::jsonb) t
