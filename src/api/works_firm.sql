-- Firms of the sanctuary scheme.

-- name: works_firm_list
SELECT o.id, o.name, to_json(f.trades) AS trades, to_json(f.areas) AS areas, f.contract_from, f.contract_until,
       f.fire_doors,
       coalesce(today() >= f.contract_from AND today() < f.contract_until, false) AS in_contract,
       f.contract_until - today() BETWEEN 0 AND 60 AS ends_soon,
       (SELECT coalesce(json_agg(json_build_object('measure', p.measure, 'name', m.name, 'from_day', p.from_day,
                    'unit_pence', p.unit_pence) ORDER BY m.n, p.from_day DESC), '[]')
          FROM sanctuary.firm_price p JOIN sanctuary.measure m ON m.code = p.measure
         WHERE p.organisation_id = o.id) AS prices
  FROM organisation o LEFT JOIN sanctuary.firm f ON f.organisation_id = o.id
 WHERE o.kind = 'contractor' AND o.id = ANY ((SELECT my_partners())::uuid[])
   AND (coordinates() OR o.id = my_organisation())
 ORDER BY o.name, o.id

-- name: works_firm_set
SELECT sanctuary.set_firm($1::uuid, $2::jsonb) AS _outcome, NULL AS _field, NULL AS _rule, NULL AS _money,
       $1::uuid AS id

-- name: works_firm_price
SELECT o AS _outcome, CASE o WHEN 'no_measure' THEN '/measure' END AS _field, NULL AS _rule, NULL AS _money,
       $1::uuid AS id
  FROM sanctuary.set_price($1::uuid, $2::jsonb) o
