-- The survey of a home.

-- name: sanctuary_section_save
SELECT t.outcome AS _outcome, t.field AS _field, t.rule AS _rule, t.money AS _money
  FROM sanctuary.save_section($1::uuid, $2, $3::jsonb) t

-- name: sanctuary_opening_save
SELECT t.outcome AS _outcome, t.field AS _field, t.rule AS _rule, t.money AS _money
  FROM sanctuary.save_opening($1::uuid, $2::jsonb) t

-- name: sanctuary_survey_show
-- $2 the section whose form is shown, or NULL. Answers are as a form sends them.
SELECT j.id, j.reference, j.state,
       (SELECT json_agg(json_build_object('section', w.section, 'path', replace(w.section, '_', '-'),
                                          'saved_at', utc(s.saved_at)) ORDER BY w.n)
          FROM unnest(ARRAY['before', 'home', 'fire', 'outside', 'devices', 'people', 'safe_times', 'interim',
                            'outcome']) WITH ORDINALITY w (section, n)
          LEFT JOIN sanctuary.survey_section s ON s.job_id = j.id AND s.section = w.section) AS sections,
       (SELECT coalesce(json_agg(json_build_object('opening', o.opening, 'material', o.material,
                    'fire_door', o.fire_door, 'escape', o.escape, 'reachable', o.reachable, 'width_mm', o.width_mm,
                    'height_mm', o.height_mm) ORDER BY o.opening), '[]')
          FROM sanctuary.home_opening o WHERE o.job_id = j.id) AS openings,
       $2::text AS section, replace($2::text, '_', '-') AS path,
       (SELECT jsonb_object_agg(a.key, CASE a.value WHEN 'true' THEN '"yes"' WHEN 'false' THEN '"no"' ELSE a.value END)
          FROM sanctuary.survey_section s, jsonb_each(s.answers) a
         WHERE s.job_id = j.id AND s.section = $2::text) AS answers,
       'survey' = ANY (sanctuary.acts_of(j.id)) AS may_complete, j.version, j.household_id AS _household
  FROM sanctuary.job j
 WHERE j.id = $1::uuid AND sees_cases()
