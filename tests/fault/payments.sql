-- Promises for cards, on top of load.sql: a pot of the council of the load, and :requests approved requests.
INSERT INTO fund.pot (id, organisation_id, name, funder, categories)
VALUES ('50000000-0000-4000-8000-000000000000', '00000000-0000-4000-8000-000000000011', 'A pot', 'A funder', '{travel}');
SELECT fund.open_year('50000000-0000-4000-8000-000000000000', fund.year_of(today())) AS year \gset
UPDATE fund.pot_year SET state = 'open' WHERE id = :'year';
SELECT fund.post('grant', 'pot_year', :'year', today(), ARRAY[fund.moved(:'year', 'granted', 'free', 100000000)]) AS _done;
INSERT INTO fund.request (id, household_id, organisation_id, keeper_id, category, amount_pence, means, needed_on, state,
                          asked_by, changed_by)
SELECT ('60000000-0000-4000-8000-' || lpad(i::text, 12, '0'))::uuid, ('10000000-0000-4000-8000-' || lpad(i::text, 12, '0'))::uuid,
       p.organisation_id, p.organisation_id, 'travel', 100 + i, 'prepaid_card', today(), 'approved', a.id, a.id
  FROM fund.pot p, generate_series(0, :requests - 1) i, (SELECT id FROM account ORDER BY id LIMIT 1) a;
INSERT INTO fund.part SELECT id, 1, :'year', amount_pence FROM fund.request;
SELECT count(fund.commit_money('request', r.id, r.household_id, ARRAY[:'year'::uuid], ARRAY[r.amount_pence], today() + 90)) AS _done
  FROM fund.request r;
