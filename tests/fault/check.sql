-- Holds the database against the ledger (temporary table ledger, filled before): name|count. What
-- begins with _ informs, all else must be 0.
CREATE TEMP TABLE placed AS SELECT key, placement::uuid AS id, state FROM ledger WHERE kind = 'placement';
CREATE TEMP TABLE known AS SELECT key, placement::uuid AS id, lost_us FROM ledger WHERE kind = 'key';
CREATE TEMP TABLE active AS
    SELECT id, unit_id, vacancy_id, household_id, period FROM placement
     WHERE state IN ('held', 'offered', 'accepted', 'arrived');
ANALYZE placed, known, active;

SELECT '_acknowledged', count(*) FROM known
UNION ALL
SELECT '_placements', count(*) FROM placed
UNION ALL
-- the answer was lost, the work was done: without the key each would have been done twice
SELECT '_done_but_unanswered', count(*) FROM known k JOIN idempotency i ON i.key = encode(sha256(convert_to(k.key, 'UTF8')), 'hex')
 WHERE k.lost_us > 0 AND i.created_at < to_timestamp(k.lost_us / 1000000.0)
UNION ALL
SELECT 'lost_placements', count(*) FROM placed l WHERE NOT EXISTS (SELECT FROM placement p WHERE p.id = l.id)
UNION ALL
SELECT 'lost_keys', count(*) FROM known k
 WHERE NOT EXISTS (SELECT FROM idempotency i WHERE i.key = encode(sha256(convert_to(k.key, 'UTF8')), 'hex') AND i.status IS NOT NULL AND i.body::json ->> 'id' = k.id::text)
UNION ALL
SELECT 'lost_changes', count(*) FROM placed l JOIN placement p ON p.id = l.id WHERE p.state::text <> l.state
UNION ALL
SELECT 'done_twice', count(*) FROM placement p
 WHERE p.vacancy_id::text LIKE '20000000-%' AND NOT EXISTS (SELECT FROM placed l WHERE l.id = p.id)
UNION ALL
SELECT 'keys_with_two_answers', count(*) FROM (SELECT key FROM placed GROUP BY key HAVING count(DISTINCT id) > 1) k
UNION ALL
SELECT 'overlaps', count(*) FROM active a JOIN active b ON a.unit_id = b.unit_id AND a.id < b.id AND a.period && b.period
UNION ALL
SELECT 'vacancies_won_twice', count(*) FROM (SELECT vacancy_id FROM active GROUP BY vacancy_id HAVING count(*) > 1) v
UNION ALL
SELECT 'households_placed_twice', count(*)
  FROM (SELECT household_id FROM placement WHERE state IN ('accepted', 'arrived') GROUP BY household_id HAVING count(*) > 1) h
UNION ALL
SELECT 'without_audit', count(*) FROM placed l
 WHERE NOT EXISTS (SELECT FROM audit.event e WHERE e.subject_id = l.id AND e.subject_kind = 'placement' AND e.action = 'insert')
UNION ALL
SELECT 'never_known', count(*) FROM ledger WHERE kind = 'unknown';
