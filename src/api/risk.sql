-- A household's risk and band: what is known, how it came about, and what is to be done.

-- name: risk_show
SELECT h.id, h.reference, h.organisation_id = my_organisation() AS ours, h.risk_level, h.risk_least, h.risk_judged,
       CASE WHEN h.risk_judged IS NOT NULL
           THEN (SELECT colleague_name(a.recorded_by) FROM risk_assessment a WHERE a.household_id = h.id
                  ORDER BY a.recorded_at DESC, a.id LIMIT 1) END AS risk_judged_by,
       h.risk_raised_reason, h.dash, h.dash_tool, h.dash_asker, h.dash_informant, h.dash_on,
       d.yes AS dash_yes, 24 - d.yes - d.no AS dash_missing, h.risk_review_on,
       h.closed_at IS NULL AND coalesce(h.risk_review_on <= today(), false) AS risk_review_due,
       band_now(h) AS band, band_line(h) AS band_line, h.band_reason, colleague_name(h.band_by) AS band_set_by,
       utc(h.band_at) AS band_set_at,
       newest_referral(h.id) AS referral_id,
       (SELECT coalesce(json_agg(json_build_object('id', k.id, 'referred_on', k.referred_on, 'heard_on', k.heard_on,
                    'repeat', k.repeat, 'version', k.version) ORDER BY k.referred_on DESC), '[]')
          FROM marac_view k WHERE k.household_id = h.id) AS maracs,
       (SELECT json_build_object('id', t.id, 'repeat_of', marac_before(h.id, today() + 1), 'created_at',
                    utc(t.created_at), 'version', t.version)
          FROM task t WHERE t.household_id = h.id AND t.kind = 'marac_referral'
           AND t.ended_at IS NULL) AS marac_proposed,
       (SELECT coalesce(json_agg(json_build_object('id', a.id, 'risk_level', a.risk_level, 'risk_least', a.risk_least,
                    'risk_judged', a.risk_judged, 'reason', a.reason, 'dash', a.dash, 'dash_yes', n.yes,
                    'dash_missing', 24 - n.yes - n.no, 'dash_tool', a.dash_tool, 'dash_asker', a.dash_asker,
                    'dash_informant', a.dash_informant, 'dash_on', a.dash_on,
                    'recorded_by', colleague_name(a.recorded_by), 'recorded_at', utc(a.recorded_at))
                                 ORDER BY a.recorded_at DESC, a.id), '[]')
          FROM risk_assessment a, dash_count(a.dash) n WHERE a.household_id = h.id) AS assessments,
       h.closed_at IS NULL AS open, h.version
  FROM household h, dash_count(h.dash) d
 WHERE h.id = (SELECT seen_case($1::uuid)) AND h.organisation_id = ANY ((SELECT my_partners())::uuid[])
