-- name: board_horizon
-- Everything below this transaction is decided: rows of change_log from here on come again.
SELECT pg_snapshot_xmin(pg_current_snapshot())::text AS horizon

-- name: board_changes
SELECT DISTINCT kind, id FROM change_log WHERE xid >= $1::xid8

-- name: board_vacancies_changed
SELECT * FROM board_vacancies_since($1::xid8)

-- name: board_households_changed
SELECT * FROM board_households_since($1::xid8)

-- name: board_vacancies
-- The rows of board_vacancy, all of them: what the view asks for one unit after the other (free_from
-- and who holds it) is asked here once for all, which is some thirty times faster.
WITH current AS (
    SELECT v.id, v.unit_id, v.available_from FROM vacancy v WHERE v.withdrawn_at IS NULL AND v.taken_at IS NULL
), later AS (
    SELECT l.id, max(l.day) AS day
      FROM (SELECT c.id, coalesce(w.until_day, 'infinity') AS day FROM current c JOIN void_period w ON w.unit_id = c.unit_id
             WHERE w.from_day <= c.available_from AND coalesce(w.until_day, 'infinity') > c.available_from
             UNION ALL
            SELECT c.id, add_working_days(d.departed_on, p.turnaround_days) FROM current c JOIN placement d ON d.unit_id = c.unit_id
              JOIN unit u ON u.id = d.unit_id JOIN property p ON p.id = u.property_id
             WHERE d.state = 'departed' AND d.departed_on > current_date - 100
             UNION ALL
            SELECT c.id, coalesce(upper(d.period), 'infinity') FROM current c JOIN placement d ON d.unit_id = c.unit_id
             WHERE d.state IN ('accepted', 'arrived') AND d.period @> c.available_from) l
     GROUP BY l.id
), busy AS (
    SELECT unit_id, (extract(epoch FROM max(expires_at)) * 1000000)::bigint AS until_us
      FROM placement WHERE state IN ('held', 'offered') AND expires_at > now() GROUP BY unit_id
)
SELECT v.id, v.version, v.unit_id, u.organisation_id, o.partnership_id, o.name AS provider, u.reference AS unit_reference,
       p.type, p.residents, p.staffing, p.area_label, p.local_authority, p.outward_code, p.sector,
       u.self_contained, u.bedrooms, u.max_people, u.cots, u.floor, u.step_free, u.wheelchair, u.adapted_bathroom,
       u.pets, u.min_age, u.oldest_boy, u.adult_children, u.mental_health, u.drugs, u.alcohol, u.offending, u.arson,
       u.violence, u.sexual_offending, u.nrpf, u.specialisms, u.languages, u.highest_risk, u.weekly_cost_pence,
       u.longest_stay_days, greatest(v.available_from, l.day) AS free_from, v.available_until,
       (extract(epoch FROM v.confirmed_at) * 1000000)::bigint AS confirmed_us, b.until_us AS busy_until_us,
       a.median_minutes AS answer_minutes, u.mix_reviewed_at IS NOT NULL AS mix_known, u.mix_poses, u.mix_avoids
  FROM vacancy v
  JOIN unit u ON u.id = v.unit_id
  JOIN property p ON p.id = u.property_id
  JOIN organisation o ON o.id = v.organisation_id
  LEFT JOIN provider_answer a ON a.organisation_id = o.id
  LEFT JOIN later l ON l.id = v.id
  LEFT JOIN busy b ON b.unit_id = u.id
 WHERE v.withdrawn_at IS NULL AND v.taken_at IS NULL AND u.closed_at IS NULL AND p.closed_at IS NULL

-- name: board_households
SELECT * FROM board_household
