-- When the time for a decision on a referral runs out, it is a task of the owner of the case. As the next assessment of
-- the risk it is derived: it is there from that moment on, and gone with the decision, without anything that runs.

SELECT add_codes('task_kind', '{decision_overdue}');
SELECT add_codes('task_about', '{referral}');
