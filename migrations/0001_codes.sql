-- Schemas, the closed code lists as domains, and the calendar. A test compares every domain with the list
-- of the same name in the program, so that the two cannot drift.
--
-- The schema is closed by default. What a role may do stands beside each table (0004_guard.sql) and each
-- function. No file names anything that a later file makes.

CREATE SCHEMA extension;
COMMENT ON SCHEMA extension IS 'Objects of PostgreSQL extensions.';
CREATE EXTENSION btree_gist WITH SCHEMA extension;
CREATE SCHEMA vault;
COMMENT ON SCHEMA vault IS
    'Exact addresses, names, dates of birth and contact details. The workers may add rows, never read them.';
CREATE SCHEMA audit;
COMMENT ON SCHEMA audit IS 'The audit trail: what each person did and saw. Append-only.';

ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO haven_app, haven_board;
GRANT USAGE ON SCHEMA audit, vault TO haven_app, haven_vault;
-- A worker cannot make tables: it could attach the owner's trigger functions to one.
DO $$
BEGIN
    EXECUTE format('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC', current_database());
END $$;

-- ---- codes ----

CREATE DOMAIN organisation_kind AS text CHECK (VALUE IN ('council', 'provider', 'contractor'));
COMMENT ON DOMAIN organisation_kind IS 'What an organisation is to the partnership.';

CREATE DOMAIN role AS text CHECK (VALUE IN ('housing_officer', 'provider', 'navigator', 'finance_officer',
    'finance_approver', 'analyst', 'sanctuary_coordinator', 'contractor', 'administrator'));
COMMENT ON DOMAIN role IS 'A person''s work; the route rows declare what it allows.';

CREATE DOMAIN accommodation_type AS text CHECK (VALUE IN ('refuge', 'specialist', 'dispersed_full',
    'dispersed_semi', 'second_stage', 'other_emergency', 'sanctuary', 'interim'));
COMMENT ON DOMAIN accommodation_type IS
    'SI 2021/991 reg. 2; interim is not relevant accommodation and never counted in the return.';

CREATE DOMAIN residents AS text CHECK (VALUE IN ('women', 'men', 'any'));
COMMENT ON DOMAIN residents IS 'The residents that a property is for.';

CREATE DOMAIN answer AS text CHECK (VALUE IN ('yes', 'no', 'ask'));
COMMENT ON DOMAIN answer IS 'What a provider says to a need; NULL is unknown and is treated as ask.';

CREATE DOMAIN wheelchair AS text CHECK (VALUE IN ('full', 'essential_rooms', 'level_access', 'none'));
COMMENT ON DOMAIN wheelchair IS 'Wheelchair access that a unit has, or that a household needs.';

CREATE DOMAIN risk_level AS text CHECK (VALUE IN ('standard', 'medium', 'high'));
COMMENT ON DOMAIN risk_level IS
    'DASH: 14 and more ticks high, 10 to 13 medium, 1 to 9 standard; NULL is unknown and ranks as high.';

CREATE DOMAIN sex AS text CHECK (VALUE IN ('female', 'male'));
COMMENT ON DOMAIN sex IS 'Sex of a member; NULL is unknown.';

CREATE DOMAIN gender_identity AS text CHECK (VALUE IN ('same_as_sex', 'trans_woman', 'trans_man', 'non_binary',
    'other', 'not_asked', 'not_known', 'prefers_not_to_say'));
COMMENT ON DOMAIN gender_identity IS 'Gender identity as needed for a placement by a provider''s stated policy.';

CREATE DOMAIN member_kind AS text CHECK (VALUE IN ('main', 'adult', 'child'));
COMMENT ON DOMAIN member_kind IS 'Place of a person in the household.';

CREATE DOMAIN situation AS text CHECK (VALUE IN ('with_perpetrator', 'rough', 'friends', 'interim', 'hospital',
    'safe_accommodation', 'safe_tonight', 'own_home', 'not_known'));
COMMENT ON DOMAIN situation IS 'Where the household is tonight.';

CREATE DOMAIN urgency AS text CHECK (VALUE IN ('emergency', 'urgent', 'planned'));
COMMENT ON DOMAIN urgency IS 'emergency: a decision within 2 hours, round the clock; urgent: 72 hours.';

CREATE DOMAIN priority_band AS text CHECK (VALUE IN ('band_1', 'band_2', 'band_3', 'band_4'));
COMMENT ON DOMAIN priority_band IS 'Common allocation policy, August 2025: losing a home through abuse is band 1.';

CREATE DOMAIN unsafe_kind AS text CHECK (VALUE IN ('perpetrator_home', 'perpetrator_work', 'family',
    'associates', 'previous_address', 'school_contact'));
COMMENT ON DOMAIN unsafe_kind IS 'Why a place is unsafe; never told to a provider.';

CREATE DOMAIN referral_state AS text CHECK (VALUE IN ('draft', 'submitted', 'triaged', 'active', 'placed',
    'waiting_at_home', 'closed'));
COMMENT ON DOMAIN referral_state IS 'Course of a referral.';

CREATE DOMAIN referral_source AS text CHECK (VALUE IN ('self', 'police', 'housing', 'health',
    'childrens_services', 'adult_services', 'voluntary_agency', 'helpline', 'marac', 'other_provider',
    'not_known'));
COMMENT ON DOMAIN referral_source IS 'The person or agency that referred the household.';

CREATE DOMAIN referral_close_reason AS text CHECK (VALUE IN ('placed_elsewhere', 'sanctuary', 'stayed_home',
    'returned', 'uncontactable', 'no_consent', 'changed_mind', 'ineligible', 'duplicate', 'recording_error'));
COMMENT ON DOMAIN referral_close_reason IS 'Why a referral was closed without a placement of ours.';

CREATE DOMAIN immigration_status AS text CHECK (VALUE IN ('british_or_irish', 'settled', 'pre_settled',
    'refugee', 'humanitarian_protection', 'asylum_seeker', 'mvdac', 'partner_leave', 'work_leave',
    'study_leave', 'visit_leave', 'other_leave', 'application_pending', 'no_leave', 'not_asked', 'not_known',
    'prefers_not_to_say'));
COMMENT ON DOMAIN immigration_status IS
    'The leave that a household has to stay in the country; the concession gives three months with recourse.';

CREATE DOMAIN immigration_evidence AS text CHECK (VALUE IN ('passport', 'evisa', 'residence_permit',
    'home_office_letter', 'concession_letter', 'none_seen'));
COMMENT ON DOMAIN immigration_evidence IS 'The document that proved it; NULL where no document was checked.';

CREATE DOMAIN income_source AS text CHECK (VALUE IN ('employment', 'self_employment', 'universal_credit',
    'jobseekers_or_esa', 'disability_benefit', 'carers_allowance', 'child_benefit', 'maternity_pay',
    'state_pension', 'pension_credit', 'student_finance', 'asylum_support', 'family_support', 'none',
    'not_asked', 'not_known', 'prefers_not_to_say'));
COMMENT ON DOMAIN income_source IS 'Main source of income.';

CREATE DOMAIN primary_victim AS text CHECK (VALUE IN ('not_determined', 'this_household', 'other_party'));
COMMENT ON DOMAIN primary_victim IS
    'The primary victim where both sides allege abuse. No finding excludes a household.';

CREATE DOMAIN primary_victim_reason AS text CHECK (VALUE IN ('pattern_of_control', 'history_of_abuse', 'fear',
    'defensive_violence', 'police_assessment', 'marac_assessment', 'specialist_assessment', 'court_finding'));
COMMENT ON DOMAIN primary_victim_reason IS 'What the determination of the primary victim rests on.';

CREATE DOMAIN ethnic_group AS text CHECK (VALUE IN ('asian_indian', 'asian_pakistani', 'asian_bangladeshi',
    'asian_chinese', 'asian_other', 'black_caribbean', 'black_african', 'black_other',
    'mixed_white_black_caribbean', 'mixed_white_black_african', 'mixed_white_asian', 'mixed_other',
    'white_british', 'white_irish', 'white_gypsy_traveller', 'white_roma', 'white_other', 'arab', 'any_other',
    'not_asked', 'not_known', 'prefers_not_to_say'));
COMMENT ON DOMAIN ethnic_group IS
    'The 19 ethnic groups of the 2021 Census of England and Wales, the harmonised standard for race.';

CREATE DOMAIN religion AS text CHECK (VALUE IN ('no_religion', 'christian', 'buddhist', 'hindu', 'jewish',
    'muslim', 'sikh', 'any_other', 'not_asked', 'not_known', 'prefers_not_to_say'));
COMMENT ON DOMAIN religion IS 'Religion or belief, harmonised standard.';

CREATE DOMAIN sexual_orientation AS text CHECK (VALUE IN ('heterosexual', 'gay_or_lesbian', 'bisexual',
    'any_other', 'not_asked', 'not_known', 'prefers_not_to_say'));
COMMENT ON DOMAIN sexual_orientation IS 'Sexual orientation, harmonised standard.';

CREATE DOMAIN gender_registered AS text CHECK (VALUE IN ('same', 'different', 'not_asked', 'not_known',
    'prefers_not_to_say'));
COMMENT ON DOMAIN gender_registered IS
    'Whether the gender identity is that of the sex registered at birth, as the 2021 Census asked.';

CREATE DOMAIN disability AS text CHECK (VALUE IN ('limited_a_lot', 'limited_a_little', 'not_limited',
    'no_condition', 'not_asked', 'not_known', 'prefers_not_to_say'));
COMMENT ON DOMAIN disability IS
    'A condition of 12 months or more and how far it limits day-to-day activities: limited is disabled, Equality Act '
    '2010 s. 6.';

CREATE DOMAIN partnership_status AS text CHECK (VALUE IN ('never_married', 'married', 'civil_partnership',
    'separated_married', 'separated_civil_partnership', 'divorced', 'dissolved_civil_partnership', 'widowed',
    'surviving_partner', 'not_asked', 'not_known', 'prefers_not_to_say'));
COMMENT ON DOMAIN partnership_status IS 'Legal marital or registered civil partnership status, harmonised standard.';

CREATE DOMAIN safety_measure AS text CHECK (VALUE IN ('code_word', 'escape_bag', 'exit_route', 'locks_changed',
    'police_marker', 'personal_alarm', 'phone_checked', 'neighbour_alert', 'school_informed',
    'employer_informed', 'court_order', 'pets_placed', 'daily_contact'));
COMMENT ON DOMAIN safety_measure IS
    'A measure of an interim safety plan for a household that stays at home until something is found.';

CREATE DOMAIN consent_basis AS text CHECK (VALUE IN ('given', 'refused', 'withdrawn', 'high_risk_without_consent'));
COMMENT ON DOMAIN consent_basis IS 'Basis for sharing for one purpose; the high-risk route needs its reason.';

CREATE DOMAIN consent_purpose AS text CHECK (VALUE IN ('share_with_providers', 'share_with_police',
    'share_with_health', 'share_with_childrens_services', 'contact', 'research_statistics'));
COMMENT ON DOMAIN consent_purpose IS 'What a household agrees to, each for itself.';

CREATE DOMAIN placement_state AS text CHECK (VALUE IN ('held', 'offered', 'accepted', 'arrived', 'departed',
    'declined', 'expired', 'cancelled', 'not_arrived'));
COMMENT ON DOMAIN placement_state IS 'Course of a placement; held and offered end by themselves at expires_at.';

CREATE DOMAIN decline_side AS text CHECK (VALUE IN ('provider', 'household'));
COMMENT ON DOMAIN decline_side IS 'The side that declined.';

CREATE DOMAIN decline_reason AS text CHECK (VALUE IN ('capacity', 'needs_mental_health', 'needs_drugs',
    'needs_alcohol', 'needs_offending', 'access', 'family_size', 'child_age_sex', 'language', 'nrpf',
    'risk_to_others', 'resident_mix', 'area_unsafe', 'incomplete_referral', 'ineligible', 'duplicate',
    'found_elsewhere', 'recording_error', 'too_near', 'too_far', 'unsuitable_property', 'sharing',
    'refuge_model', 'cost', 'stay_home', 'returned', 'found_alternative', 'changed_mind', 'uncontactable',
    'no_consent'));
COMMENT ON DOMAIN decline_reason IS 'Coded reasons, provider side then household side; there is no "other".';

CREATE DOMAIN equality_exception AS text CHECK (VALUE IN ('single_sex_service', 'separate_services',
    'shared_characteristic_service', 'charity_beneficiaries', 'communal_accommodation', 'positive_action'));
COMMENT ON DOMAIN equality_exception IS
    'Equality Act 2010 exceptions: sch. 3 paras 26-27, s. 193, sch. 23 para. 3, s. 158.';

CREATE DOMAIN cancel_reason AS text CHECK (VALUE IN ('other_offer_accepted', 'no_longer_needed', 'safer_option',
    'found_alternative', 'changed_mind', 'uncontactable', 'recording_error'));
COMMENT ON DOMAIN cancel_reason IS 'Why a hold, an offer or an accepted placement was given up.';

CREATE DOMAIN non_arrival_reason AS text CHECK (VALUE IN ('uncontactable', 'changed_mind', 'returned',
    'found_alternative', 'travel', 'safety', 'not_known'));
COMMENT ON DOMAIN non_arrival_reason IS 'Why the household did not come; each starts a welfare check.';

CREATE DOMAIN departure_reason AS text CHECK (VALUE IN ('planned_move_on', 'end_of_stay', 'left_by_choice',
    'asked_to_leave', 'safety', 'transfer', 'not_known'));
COMMENT ON DOMAIN departure_reason IS 'Why a stay ended.';

CREATE DOMAIN destination AS text CHECK (VALUE IN ('social_tenancy', 'private_tenancy', 'other_refuge',
    'second_stage', 'family_friends', 'own_home_with_sanctuary', 'own_home', 'returned_to_perpetrator',
    'interim', 'hospital', 'custody', 'not_known'));
COMMENT ON DOMAIN destination IS 'Where the household went.';

CREATE DOMAIN void_reason AS text CHECK (VALUE IN ('repair', 'damage', 'deep_clean', 'refurbishment',
    'health_safety', 'pest', 'security', 'decommissioning', 'staffing'));
COMMENT ON DOMAIN void_reason IS 'Why a unit is out of service.';

CREATE DOMAIN withdraw_reason AS text CHECK (VALUE IN ('taken_elsewhere', 'posted_in_error', 'out_of_service',
    'no_staff', 'reserved_for_move_on'));
COMMENT ON DOMAIN withdraw_reason IS 'Why a provider took a vacancy back.';

CREATE DOMAIN erasure_reason AS text CHECK (VALUE IN ('retention_end', 'data_subject_request',
    'recorded_in_error', 'court_order'));
COMMENT ON DOMAIN erasure_reason IS 'Why a household was erased (UK GDPR art. 5(1)(e), 16 and 17).';

CREATE DOMAIN reveal_purpose AS text CHECK (VALUE IN ('arrange_travel', 'accompany', 'let_in',
    'deliver_belongings', 'safety_check', 'welfare_visit', 'emergency_services', 'correct_record'));
COMMENT ON DOMAIN reveal_purpose IS 'Why an address is shown; there is no "other".';

CREATE DOMAIN staffing AS text CHECK (VALUE IN ('24h', 'office_hours', 'visiting', 'none'));
COMMENT ON DOMAIN staffing IS 'When staff are on site.';

CREATE DOMAIN support_need AS text CHECK (VALUE IN ('mental_health', 'drugs', 'alcohol', 'offending', 'arson',
    'violence', 'sexual_offending'));
COMMENT ON DOMAIN support_need IS 'Needs and histories a unit may be able to support.';

CREATE DOMAIN severity AS text CHECK (VALUE IN ('low', 'medium', 'high', 'not_known'));
COMMENT ON DOMAIN severity IS 'How much support a need takes.';

CREATE DOMAIN outward_code AS text CHECK (VALUE ~ '^[A-Z]{1,2}[0-9][0-9A-Z]?$');
COMMENT ON DOMAIN outward_code IS 'First half of a postcode, as TS1 or YO62.';

CREATE DOMAIN pence AS bigint CHECK (VALUE >= 0);
COMMENT ON DOMAIN pence IS 'Money in whole pence.';

CREATE DOMAIN link_relationship AS text CHECK (VALUE IN ('self', 'partner', 'family', 'friend', 'colleague',
    'other'));
COMMENT ON DOMAIN link_relationship IS 'What the other person is to the user who declared the link.';

CREATE DOMAIN alert_kind AS text CHECK (VALUE IN ('break_glass', 'search_budget', 'area_probing',
    'person_search', 'conflict_probing', 'reveal_budget', 'access_list'));
COMMENT ON DOMAIN alert_kind IS 'What the information officer is alerted to at once.';

CREATE DOMAIN alert_finding AS text CHECK (VALUE IN ('justified', 'not_justified', 'needs_action'));
COMMENT ON DOMAIN alert_finding IS 'What the review of an alert found.';

-- ---- what functions answer (include/api/outcomes.def) ----

CREATE DOMAIN hold_outcome AS text CHECK (VALUE IN ('held', 'no_household', 'no_vacancy', 'minutes', 'not_open',
    'not_free_yet', 'changed', 'not_suitable', 'residents_sex', 'capacity', 'outside_period',
    'household_placed', 'household_draft', 'household_closed'));
COMMENT ON DOMAIN hold_outcome IS 'What asking for a hold comes to.';

CREATE DOMAIN review_outcome AS text CHECK (VALUE IN ('done', 'none', 'own', 'reviewed', 'changed'));
COMMENT ON DOMAIN review_outcome IS 'What reviewing an alert comes to.';

CREATE DOMAIN link_outcome AS text CHECK (VALUE IN ('ended', 'none', 'own', 'ended_before'));
COMMENT ON DOMAIN link_outcome IS 'What ending a declared link comes to.';

CREATE DOMAIN opening_outcome AS text CHECK (VALUE IN ('opened', 'visible'));
COMMENT ON DOMAIN opening_outcome IS 'What opening a restricted case comes to.';

CREATE DOMAIN person_search_outcome AS text CHECK (VALUE IN ('searched', 'over', 'no_referral'));
COMMENT ON DOMAIN person_search_outcome IS 'What a search for a person comes to.';

CREATE DOMAIN reveal_outcome AS text CHECK (VALUE IN ('shown', 'spent'));
COMMENT ON DOMAIN reveal_outcome IS 'What asking for an address comes to.';

CREATE DOMAIN offer_refusal AS text CHECK (VALUE IN ('refused', 'withdrawn', 'not_asked'));
COMMENT ON DOMAIN offer_refusal IS 'Why a household may not be shown to a provider.';

CREATE DOMAIN erasure_refusal AS text CHECK (VALUE IN ('erased', 'placed', 'open'));
COMMENT ON DOMAIN erasure_refusal IS 'Why a household may not be erased.';

-- ---- the calendar ----

CREATE FUNCTION london_day(at timestamptz) RETURNS date LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT (at AT TIME ZONE 'Europe/London')::date
$$;
COMMENT ON FUNCTION london_day IS 'The day of an instant in London, where the users are.';
GRANT EXECUTE ON FUNCTION london_day TO haven_app, haven_board;

CREATE FUNCTION today() RETURNS date LANGUAGE sql STABLE PARALLEL SAFE AS $$ SELECT london_day(now()) $$;
COMMENT ON FUNCTION today IS 'Today in London: sessions run in UTC, where the day begins an hour late in summer.';
GRANT EXECUTE ON FUNCTION today TO haven_app, haven_board;

-- A single expression without FROM, because PostgreSQL inlines that into the calling statement.
CREATE FUNCTION add_working_days(from_day date, days integer) RETURNS date LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT from_day + days + 2 * ((least(extract(isodow FROM from_day)::integer, 5) - 1 + days) / 5)
           - CASE WHEN days = 0 THEN 0 ELSE greatest(extract(isodow FROM from_day)::integer - 5, 0) END
$$;
COMMENT ON FUNCTION add_working_days IS
    'The day that many Mondays to Fridays later. Bank holidays count as working days.';
GRANT EXECUTE ON FUNCTION add_working_days TO haven_app, haven_board;

CREATE FUNCTION utc(t timestamptz) RETURNS text LANGUAGE sql STABLE AS
$$ SELECT to_char(t AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') $$;
COMMENT ON FUNCTION utc IS 'An instant as the service shows it: RFC 3339, UTC, whole seconds.';
GRANT EXECUTE ON FUNCTION utc TO haven_app;
