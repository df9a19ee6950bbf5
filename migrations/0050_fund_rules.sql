-- What the fund allows: categories, ceilings, approval limits. All of it is data.

-- ---- categories and ceilings ----

CREATE TABLE fund.category (
    code fund_category PRIMARY KEY,
    of_group fund_group NOT NULL,
    payment_pence bigint CHECK (payment_pence > 0),
    household_pence bigint CHECK (household_pence > 0),
    evidence boolean NOT NULL DEFAULT false,
    once boolean NOT NULL DEFAULT false,
    source text NOT NULL,
    checked_on date NOT NULL
);
COMMENT ON TABLE fund.category IS 'What each category allows. The operator keeps it.';
COMMENT ON COLUMN fund.category.code IS 'The category.';
COMMENT ON COLUMN fund.category.of_group IS 'The ceiling that it counts to.';
COMMENT ON COLUMN fund.category.payment_pence IS 'The most that one request may be; NULL is no limit.';
COMMENT ON COLUMN fund.category.household_pence IS 'The most for a household in 12 months; NULL is no limit.';
COMMENT ON COLUMN fund.category.evidence IS 'Whether a document must have been seen before it is approved.';
COMMENT ON COLUMN fund.category.once IS 'Whether the national funds give it once only.';
COMMENT ON COLUMN fund.category.source IS 'Where the limits come from.';
COMMENT ON COLUMN fund.category.checked_on IS 'When that was last looked up; finance is warned after a year.';
SELECT guard('fund.category', 'open');

CREATE TABLE fund.ceiling (
    of_group fund_group PRIMARY KEY,
    household_pence bigint CHECK (household_pence > 0),
    source text NOT NULL,
    checked_on date NOT NULL
);
COMMENT ON TABLE fund.ceiling IS
    'What a household may get of a group of categories in 12 months. The operator keeps it.';
COMMENT ON COLUMN fund.ceiling.of_group IS 'The group.';
COMMENT ON COLUMN fund.ceiling.household_pence IS 'Pence; NULL is no limit.';
COMMENT ON COLUMN fund.ceiling.source IS 'Where it comes from.';
COMMENT ON COLUMN fund.ceiling.checked_on IS 'When that was last looked up.';
SELECT guard('fund.ceiling', 'open');

INSERT INTO fund.ceiling VALUES
    ('flee', 50000, 'Flexible Fund, Women''s Aid, rounds 2024 to 2026: flee payments up to 500 pounds', '2026-11-29'),
    ('future', 250000, 'Flexible Fund, Women''s Aid, rounds 2024 to 2026: one future payment up to 2,500 pounds',
     '2026-11-29'),
    ('stay', NULL, 'By rate and period', '2026-11-29'),
    ('other', NULL, 'By category', '2026-11-29');
INSERT INTO fund.category (code, of_group, payment_pence, household_pence, evidence, once, source, checked_on) VALUES
    ('travel', 'flee', NULL, NULL, false, false, 'Local default', '2026-11-29'),
    ('food_essentials', 'flee', NULL, NULL, false, false, 'Local default', '2026-11-29'),
    ('clothing_baby', 'flee', NULL, NULL, false, false, 'Local default', '2026-11-29'),
    ('phone', 'flee', NULL, NULL, false, false, 'Local default', '2026-11-29'),
    ('emergency_night', 'stay', NULL, NULL, false, false, 'Local default', '2026-11-29'),
    ('nrpf_accommodation', 'stay', NULL, NULL, false, false, 'Local rate of the council', '2026-11-29'),
    ('nrpf_subsistence', 'stay', NULL, NULL, false, false, 'Asylum support rate as baseline', '2026-11-29'),
    ('rent_advance', 'future', NULL, NULL, true, false, 'Local default', '2026-11-29'),
    ('deposit', 'future', 250000, 250000, true, true, 'Flexible Fund, and Tenant Fees Act 2019 (five weeks'' rent)',
     '2026-11-29'),
    ('arrears', 'future', NULL, NULL, true, false, 'Local default', '2026-11-29'),
    ('removals_storage', 'future', NULL, NULL, true, false, 'Local default', '2026-11-29'),
    ('furniture', 'future', NULL, NULL, true, false, 'Local default', '2026-11-29'),
    ('locks_security', 'other', NULL, NULL, false, false, 'Local default', '2026-11-29'),
    ('id_immigration_fees', 'other', NULL, NULL, true, false, 'Local default', '2026-11-29'),
    ('legal', 'other', NULL, NULL, true, false, 'Local default', '2026-11-29'),
    ('interpreting', 'other', NULL, NULL, true, false, 'Local default', '2026-11-29'),
    ('school', 'other', NULL, NULL, false, false, 'Local default', '2026-11-29'),
    ('childcare', 'other', NULL, NULL, true, false, 'Local default', '2026-11-29'),
    ('pet_fostering', 'other', NULL, NULL, false, false, 'Local default', '2026-11-29');

-- ---- approval limits ----

CREATE TABLE fund.approval_limit (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    organisation_id uuid NOT NULL REFERENCES organisation,
    role role NOT NULL CHECK (role IN ('housing_officer', 'finance_approver')),
    category fund_category,
    single_pence bigint NOT NULL CHECK (single_pence > 0),
    month_pence bigint NOT NULL CHECK (month_pence >= single_pence),
    two_from_pence bigint CHECK (two_from_pence > 0),
    lane_pence bigint CHECK (lane_pence > 0),
    lane_week_pence bigint CHECK (lane_week_pence >= lane_pence),
    set_by uuid REFERENCES account,
    from_day date NOT NULL DEFAULT today(),
    until_day date,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT limit_period CHECK (until_day >= from_day),
    CONSTRAINT limit_once EXCLUDE USING gist (organisation_id WITH =, (role::text) WITH =,
        (coalesce(category::text, '')) WITH =, daterange(from_day, until_day) WITH &&)
);
COMMENT ON TABLE fund.approval_limit IS
    'How much people of a role may approve. The row of the category counts before the row of all; without a row there '
    'is no approval. A finance officer sets them, who approves nothing.';
COMMENT ON COLUMN fund.approval_limit.id IS 'Identity.';
COMMENT ON COLUMN fund.approval_limit.organisation_id IS 'The organisation that keeps the pots.';
COMMENT ON COLUMN fund.approval_limit.role IS 'The role of the approver.';
COMMENT ON COLUMN fund.approval_limit.category IS 'The category; NULL is every other one.';
COMMENT ON COLUMN fund.approval_limit.single_pence IS 'The most of one request, all of its pots together.';
COMMENT ON COLUMN fund.approval_limit.month_pence IS
    'The most for one household and category in 30 days, with this request: so that parts below the limit add up.';
COMMENT ON COLUMN fund.approval_limit.two_from_pence IS
    'From this amount on two people must approve; NULL: one is enough.';
COMMENT ON COLUMN fund.approval_limit.lane_pence IS
    'The most of one request that one person may decide in the emergency lane; NULL: there is no lane.';
COMMENT ON COLUMN fund.approval_limit.lane_week_pence IS 'The most of it for one person in 7 days.';
COMMENT ON COLUMN fund.approval_limit.set_by IS 'The person who set it.';
COMMENT ON COLUMN fund.approval_limit.from_day IS 'From this day.';
COMMENT ON COLUMN fund.approval_limit.until_day IS 'Until before this day; NULL: until it is replaced.';
COMMENT ON COLUMN fund.approval_limit.created_at IS 'When it was set.';
SELECT guard('fund.approval_limit', 'alone');
CREATE POLICY books ON fund.approval_limit FOR SELECT TO haven_app
    USING (((SELECT sees_books()) OR (SELECT approves_fund())) AND organisation_id = (SELECT my_organisation()));
