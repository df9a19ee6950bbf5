-- Firms of the sanctuary scheme, as the data file has them; all invented.

-- name: demo_firms
-- role: tool
INSERT INTO sanctuary.firm (organisation_id, trades, areas, contract_from, contract_until, fire_doors)
SELECT md5('demo ' || f.organisation)::uuid, f.trades, f.areas, $2::date + f.from_in_days, $2::date + f.until_in_days,
       f.fire_doors
  FROM jsonb_to_recordset($1::jsonb -> 'firms') AS f (organisation text, trades text[], areas text[],
       from_in_days integer, until_in_days integer, fire_doors boolean)

-- name: demo_firm_prices
-- role: tool
INSERT INTO sanctuary.firm_price (organisation_id, measure, from_day, unit_pence)
SELECT md5('demo ' || (f.value ->> 'organisation'))::uuid, p.measure, $2::date - 30, p.unit_pence
  FROM jsonb_array_elements($1::jsonb -> 'firms') f,
       jsonb_to_recordset(f.value -> 'prices') AS p (measure text, unit_pence bigint)
