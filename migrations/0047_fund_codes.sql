-- The Flexible Flee Fund: its schema, its closed lists, and what each role's work allows in it.

CREATE SCHEMA fund;
COMMENT ON SCHEMA fund IS 'The Flexible Flee Fund. Workers read what their caller may see; functions alone write.';
GRANT USAGE ON SCHEMA fund TO haven_app;

-- ---- codes ----

CREATE DOMAIN fund_account AS text CHECK (VALUE IN ('granted', 'recovered', 'free', 'committed', 'in_payment', 'paid',
    'float', 'lapsed', 'carried_out', 'suspense', 'bank_seen', 'vat_reclaimable'));
COMMENT ON DOMAIN fund_account IS
    'The accounts of a pot''s year: granted and recovered are what money comes from, and never above zero; the others '
    'are what it is for, and never below. Suspense, bank_seen and vat_reclaimable are of an organisation.';

CREATE DOMAIN fund_act AS text CHECK (VALUE IN ('grant', 'grant_less', 'commit', 'raise', 'lower', 'release', 'freeze',
    'thaw', 'confirm', 'bounce', 'recover', 'lapse', 'carry', 'reverse'));
COMMENT ON DOMAIN fund_act IS 'What a posting does.';

CREATE DOMAIN fund_cause AS text CHECK (VALUE IN ('pot_year', 'request', 'works_order', 'placement'));
COMMENT ON DOMAIN fund_cause IS 'What money is moved, or promised, for.';

CREATE DOMAIN pot_state AS text CHECK (VALUE IN ('planned', 'provisional', 'open', 'soft_closed', 'closed'));
COMMENT ON DOMAIN pot_state IS
    'Course of a pot''s year: of a provisional one a share may be promised ahead; in a soft-closed one finance alone '
    'posts; in a closed one nobody.';

CREATE DOMAIN fund_carry AS text CHECK (VALUE IN ('lapse', 'carry'));
COMMENT ON DOMAIN fund_carry IS 'What becomes of money that is free when a year closes.';

CREATE DOMAIN fund_category AS text CHECK (VALUE IN ('travel', 'food_essentials', 'clothing_baby', 'phone',
    'emergency_night', 'nrpf_accommodation', 'nrpf_subsistence', 'rent_advance', 'deposit', 'arrears',
    'removals_storage', 'furniture', 'locks_security', 'id_immigration_fees', 'legal', 'interpreting', 'school',
    'childcare', 'pet_fostering'));
COMMENT ON DOMAIN fund_category IS 'What the fund pays for.';

CREATE DOMAIN pot_outcome AS text CHECK (VALUE IN ('done', 'none', 'changed', 'wrong_state', 'too_early', 'short',
    'unsettled', 'no_next_year', 'there'));
COMMENT ON DOMAIN pot_outcome IS 'What became of an act on a pot or its year.';

-- ---- who may ----

CREATE FUNCTION sees_fund() RETURNS boolean LANGUAGE sql STABLE AS
$$ SELECT audit.me('role') IN ('housing_officer', 'navigator', 'finance_officer', 'finance_approver', 'analyst') $$;
COMMENT ON FUNCTION sees_fund IS 'Whether the caller sees pots, and what is left of them.';
GRANT EXECUTE ON FUNCTION sees_fund TO haven_app;

CREATE FUNCTION sees_books() RETURNS boolean LANGUAGE sql STABLE AS
$$ SELECT audit.me('role') IN ('finance_officer', 'finance_approver', 'analyst') $$;
COMMENT ON FUNCTION sees_books IS
    'Whether the caller sees the movements of money of the own organisation, by case reference alone.';
GRANT EXECUTE ON FUNCTION sees_books TO haven_app;

CREATE FUNCTION keeps_fund() RETURNS boolean LANGUAGE sql STABLE AS $$ SELECT audit.me('role') = 'finance_officer' $$;
COMMENT ON FUNCTION keeps_fund IS
    'Whether the caller keeps pots, budgets and approval limits, and pays. Such a person approves nothing.';
GRANT EXECUTE ON FUNCTION keeps_fund TO haven_app;

CREATE FUNCTION approves_fund() RETURNS boolean LANGUAGE sql STABLE AS
$$ SELECT audit.me('role') IN ('housing_officer', 'finance_approver') $$;
COMMENT ON FUNCTION approves_fund IS
    'Whether the caller''s work may include approvals. How much, a limit of the role says; without one, none.';
GRANT EXECUTE ON FUNCTION approves_fund TO haven_app;

INSERT INTO guard_kind (name, closed, readable, recorded, proven_by, policies) VALUES
    ('books', true, true, true, NULL, ARRAY[
        'CREATE POLICY books ON %s FOR SELECT TO haven_app
             USING ((SELECT sees_books()) AND organisation_id = (SELECT my_organisation()))']);

-- ---- codes ----

CREATE DOMAIN fund_group AS text CHECK (VALUE IN ('flee', 'future', 'stay', 'other'));
COMMENT ON DOMAIN fund_group IS
    'What a category is to the ceilings: what it takes to flee, to begin again, to stay somewhere, or other help.';

CREATE DOMAIN fund_means AS text CHECK (VALUE IN ('bank_transfer', 'prepaid_card', 'voucher', 'supplier'));
COMMENT ON DOMAIN fund_means IS 'How money reaches who it is for.';

CREATE DOMAIN fund_evidence AS text CHECK (VALUE IN ('none_yet', 'quote', 'invoice', 'receipt', 'tenancy_agreement',
    'letter'));
COMMENT ON DOMAIN fund_evidence IS 'The document that was seen for a request.';

CREATE DOMAIN fund_state AS text CHECK (VALUE IN ('requested', 'second_needed', 'sent_back', 'approved', 'paid',
    'rejected', 'cancelled', 'expired'));
COMMENT ON DOMAIN fund_state IS 'Course of a request to the fund.';

CREATE DOMAIN fund_request_act AS text CHECK (VALUE IN ('change', 'approve', 'approve_now', 'reject', 'send_back',
    'cancel', 'reopen'));
COMMENT ON DOMAIN fund_request_act IS 'What people do with a request to the fund.';

CREATE DOMAIN fund_side AS text CHECK (VALUE IN ('asker', 'approver'));
COMMENT ON DOMAIN fund_side IS 'Whose act it is: of who works on the case, or of who approves for the pot''s keeper.';

CREATE DOMAIN fund_reason AS text CHECK (VALUE IN ('evidence_missing', 'amount_unclear', 'wrong_category',
    'another_fund', 'not_eligible', 'duplicate', 'no_money', 'not_needed', 'paid_otherwise', 'household_left',
    'entered_wrongly', 'asked_again'));
COMMENT ON DOMAIN fund_reason IS 'Why a request was sent back, rejected, cancelled or opened again.';

CREATE DOMAIN fund_overrule AS text CHECK (VALUE IN ('another_need', 'another_person', 'earlier_not_paid',
    'agreed_in_writing'));
COMMENT ON DOMAIN fund_overrule IS 'Why a request that looks like one that was made is approved all the same.';

CREATE DOMAIN fund_lane AS text CHECK (VALUE IN ('out_of_hours', 'approvers_unreachable'));
COMMENT ON DOMAIN fund_lane IS 'Why one person decided in the emergency lane.';

CREATE DOMAIN fund_outcome AS text CHECK (VALUE IN ('done', 'second', 'none', 'read_only', 'changed', 'wrong_state',
    'own',
    'no_limit', 'over_limit', 'over_month', 'no_pot', 'pot_closed', 'category', 'over_payment', 'over_category',
    'over_ceiling', 'evidence', 'duplicate', 'short', 'case_closed', 'lane_hours', 'lane_limit', 'lane_unreviewed',
    'parts'));
COMMENT ON DOMAIN fund_outcome IS 'What became of an act on a request to the fund.';
