-- name: board_horizon
-- Everything below this transaction is decided: rows of change_log from here on come again.
SELECT pg_snapshot_xmin(pg_current_snapshot())::text AS horizon

-- name: board_changes
SELECT DISTINCT kind, id FROM change_log WHERE xid >= $1::xid8

-- name: board_vacancies_changed
SELECT * FROM board_vacancy
 WHERE id = ANY (ARRAY(SELECT DISTINCT id FROM change_log WHERE kind = 'vacancy' AND xid >= $1::xid8))

-- name: board_households_changed
SELECT * FROM board_household
 WHERE id = ANY (ARRAY(SELECT DISTINCT id FROM change_log WHERE kind = 'household' AND xid >= $1::xid8))

-- name: board_vacancies
SELECT * FROM board_vacancy

-- name: board_households
SELECT * FROM board_household
