-- What every resource test begins with. Names are invented.
\ir rows.sql
\ir kept.sql
INSERT INTO district (code, east_km, north_km, reach_km) VALUES
    ('TS1', 450, 520, 2), ('TS2', 448, 522, 4), ('TS10', 460, 524, 6), ('TS19', 442, 520, 4), ('TS5', 448, 516, 4)
ON CONFLICT DO NOTHING;
INSERT INTO partnership VALUES ('00000000-0000-4000-8000-000000000001', 'Test partnership'),
                               ('00000000-0000-4000-8000-000000000002', 'Other partnership');
INSERT INTO organisation (id, partnership_id, kind, name) VALUES
    ('00000000-0000-4000-8000-000000000011', '00000000-0000-4000-8000-000000000001', 'council', 'Test Council'),
    ('00000000-0000-4000-8000-000000000012', '00000000-0000-4000-8000-000000000001', 'provider', 'Provider A'),
    ('00000000-0000-4000-8000-000000000013', '00000000-0000-4000-8000-000000000001', 'provider', 'Provider B'),
    ('00000000-0000-4000-8000-000000000014', '00000000-0000-4000-8000-000000000001', 'contractor', 'Contractor'),
    ('00000000-0000-4000-8000-000000000021', '00000000-0000-4000-8000-000000000002', 'council', 'Other Council'),
    ('00000000-0000-4000-8000-000000000022', '00000000-0000-4000-8000-000000000002', 'provider', 'Other Provider');
INSERT INTO account (organisation_id, username, display_name, role, password_hash)
SELECT ('00000000-0000-4000-8000-0000000000' || CASE r WHEN 'provider' THEN '12' WHEN 'contractor' THEN '14' ELSE '11' END)::uuid,
       r, 'Test ' || r, r, 'none'
  FROM unnest(ARRAY['housing_officer', 'provider', 'navigator', 'finance_officer', 'finance_approver', 'analyst',
                    'sanctuary_coordinator', 'contractor', 'administrator']) r;
INSERT INTO account (organisation_id, username, display_name, role, password_hash) VALUES
    ('00000000-0000-4000-8000-000000000013', 'provider_b', 'Test provider B', 'provider', 'none'),
    ('00000000-0000-4000-8000-000000000021', 'other_officer', 'Other officer', 'housing_officer', 'none'),
    ('00000000-0000-4000-8000-000000000022', 'other_provider', 'Other provider', 'provider', 'none');
INSERT INTO property (id, organisation_id, type, public_name, area_label, local_authority, outward_code, residents, staffing, shared_access) VALUES
    ('00000000-0000-4000-8000-000000000101', '00000000-0000-4000-8000-000000000012', 'refuge', 'Heather House', 'Coast', 'E06000003', 'TS10', 'women', '24h', true),
    ('00000000-0000-4000-8000-000000000102', '00000000-0000-4000-8000-000000000013', 'dispersed_full', 'Bramble Homes', 'Stockton', 'E06000004', 'TS19', 'any', 'visiting', false),
    ('00000000-0000-4000-8000-000000000103', '00000000-0000-4000-8000-000000000022', 'refuge', 'Elsewhere', 'Elsewhere', 'E06000005', 'DL1', 'women', '24h', true);
INSERT INTO unit (id, property_id, organisation_id, reference, self_contained, bedrooms, max_people, cots, floor, step_free,
                  wheelchair, pets, min_age, oldest_boy, adult_children, mental_health, drugs, alcohol, offending, arson, violence,
                  sexual_offending, nrpf, highest_risk, weekly_cost_pence, longest_stay_days) VALUES
    ('00000000-0000-4000-8000-000000000201', '00000000-0000-4000-8000-000000000101', '00000000-0000-4000-8000-000000000012',
     'Room 1', false, 1, 4, 1, 0, true, 'level_access', 'no', 18, 12, 'no', 'yes', 'ask', 'ask', 'no', 'no', 'no', 'no', 'no', 'high', 25000, 180),
    ('00000000-0000-4000-8000-000000000202', '00000000-0000-4000-8000-000000000101', '00000000-0000-4000-8000-000000000012',
     'Room 2', false, 2, 6, 1, 1, false, 'none', 'no', 18, 12, 'no', 'yes', 'no', 'no', 'no', 'no', 'no', 'no', 'yes', 'high', 30000, 180),
    ('00000000-0000-4000-8000-000000000203', '00000000-0000-4000-8000-000000000101', '00000000-0000-4000-8000-000000000012',
     'Room 3', false, 1, 2, 0, NULL, NULL, NULL, NULL, 18, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
    ('00000000-0000-4000-8000-000000000204', '00000000-0000-4000-8000-000000000102', '00000000-0000-4000-8000-000000000013',
     'Home 1', true, 3, 6, 1, 0, true, 'full', 'yes', 16, 17, 'yes', 'yes', 'yes', 'yes', 'yes', 'ask', 'ask', 'no', 'yes', 'high', 40000, 365),
    ('00000000-0000-4000-8000-000000000205', '00000000-0000-4000-8000-000000000103', '00000000-0000-4000-8000-000000000022',
     'Room 9', false, 1, 4, 0, 0, true, 'none', 'no', 18, 12, 'no', 'yes', 'no', 'no', 'no', 'no', 'no', 'no', 'yes', 'high', 25000, 180);
INSERT INTO vacancy (id, unit_id, organisation_id, available_from) VALUES
    ('00000000-0000-4000-8000-000000000301', '00000000-0000-4000-8000-000000000201', '00000000-0000-4000-8000-000000000012', current_date - 1),
    ('00000000-0000-4000-8000-000000000302', '00000000-0000-4000-8000-000000000202', '00000000-0000-4000-8000-000000000012', current_date - 1),
    ('00000000-0000-4000-8000-000000000303', '00000000-0000-4000-8000-000000000204', '00000000-0000-4000-8000-000000000013', current_date - 1),
    ('00000000-0000-4000-8000-000000000304', '00000000-0000-4000-8000-000000000205', '00000000-0000-4000-8000-000000000022', current_date - 1);
INSERT INTO household (id, reference, organisation_id, situation, risk_level, pets, nrpf, pregnant) VALUES
    ('00000000-0000-4000-8000-000000000401', 'H-TEST22', '00000000-0000-4000-8000-000000000011', 'friends', 'medium', false, false, false),
    ('00000000-0000-4000-8000-000000000402', 'H-TEST33', '00000000-0000-4000-8000-000000000011', 'rough', 'high', false, false, false),
    ('00000000-0000-4000-8000-000000000403', 'H-TEST44', '00000000-0000-4000-8000-000000000021', 'friends', 'medium', false, false, false);
INSERT INTO member (household_id, kind, sex, gender_identity, age) VALUES
    ('00000000-0000-4000-8000-000000000401', 'main', 'female', 'same_as_sex', 30),
    ('00000000-0000-4000-8000-000000000401', 'child', 'female', 'same_as_sex', 5),
    ('00000000-0000-4000-8000-000000000402', 'main', 'female', 'same_as_sex', 45),
    ('00000000-0000-4000-8000-000000000403', 'main', 'female', 'same_as_sex', 25);
INSERT INTO referral (id, household_id, organisation_id, state, source, submitted_at) VALUES
    ('00000000-0000-4000-8000-000000000501', '00000000-0000-4000-8000-000000000401', '00000000-0000-4000-8000-000000000011', 'active', 'police', now()),
    ('00000000-0000-4000-8000-000000000502', '00000000-0000-4000-8000-000000000402', '00000000-0000-4000-8000-000000000011', 'active', 'self', now());
