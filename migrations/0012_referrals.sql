-- Referrals, conferences, consents, and searches that found nothing to offer.

CREATE TABLE referral (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    household_id uuid NOT NULL REFERENCES household,
    organisation_id uuid NOT NULL REFERENCES organisation,
    state referral_state NOT NULL DEFAULT 'submitted',
    earlier_id uuid REFERENCES referral,
    source referral_source NOT NULL DEFAULT 'not_known',
    out_of_hours boolean NOT NULL DEFAULT false,
    close_reason referral_close_reason,
    submitted_at timestamptz,
    triaged_at timestamptz,
    at_home_at timestamptz,
    plan_measures text[] NOT NULL DEFAULT '{}',
    plan_review_on date,
    standing_search boolean NOT NULL DEFAULT true,
    closed_at timestamptz,
    version integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    erased boolean NOT NULL DEFAULT false,
    CONSTRAINT referral_submitted CHECK ((state = 'draft') <= (submitted_at IS NULL)),
    CONSTRAINT referral_closed
        CHECK ((state = 'closed') = (closed_at IS NOT NULL) AND (close_reason IS NOT NULL) <= (closed_at IS NOT NULL)),
    CONSTRAINT referral_safety_plan
        CHECK (state <> 'waiting_at_home' OR plan_measures <> '{}' AND plan_review_on IS NOT NULL)
) WITH (autovacuum_analyze_scale_factor = 0.02, autovacuum_vacuum_scale_factor = 0.05);
COMMENT ON TABLE referral IS 'One request for safe accommodation for a household.';
COMMENT ON COLUMN referral.id IS 'Identity.';
COMMENT ON COLUMN referral.household_id IS 'The household.';
COMMENT ON COLUMN referral.organisation_id IS 'The organisation that took it.';
COMMENT ON COLUMN referral.state IS 'Its course.';
COMMENT ON COLUMN referral.earlier_id IS 'The previous referral of the same household: this one is a repeat.';
COMMENT ON COLUMN referral.source IS 'The person or agency that referred.';
COMMENT ON COLUMN referral.out_of_hours IS 'Taken at night or at a weekend. Clocks run all the same.';
COMMENT ON COLUMN referral.close_reason IS 'Why it was closed.';
COMMENT ON COLUMN referral.submitted_at IS 'When it was submitted, which starts the decision clock.';
COMMENT ON COLUMN referral.triaged_at IS 'When it was looked at.';
COMMENT ON COLUMN referral.at_home_at IS 'When waiting at home was first agreed, which is a decision.';
COMMENT ON COLUMN referral.plan_measures IS 'Codes of the list safety_measure: the interim safety plan.';
COMMENT ON COLUMN referral.plan_review_on IS 'Day of the next review of the interim safety plan.';
COMMENT ON COLUMN referral.standing_search IS 'Whether the household''s search runs again whenever something changes.';
COMMENT ON COLUMN referral.closed_at IS 'When it ended.';
COMMENT ON COLUMN referral.version IS 'Grows by one with each change; the ETag.';
COMMENT ON COLUMN referral.created_at IS 'When it was begun.';
COMMENT ON COLUMN referral.erased IS 'Its household was erased.';
CREATE INDEX referral_household ON referral (household_id);
CREATE UNIQUE INDEX referral_open_once ON referral (household_id) WHERE state <> 'closed';
CREATE INDEX referral_listed ON referral (organisation_id, created_at, id);
CREATE INDEX referral_listed_open ON referral (organisation_id, created_at, id) WHERE state <> 'closed';
SELECT guard('referral', 'alone', writes => 'insert, update', untold => '{plan_measures,plan_review_on}',
             erase => 'facts', erased => '{"erased": "true"}', proven_by => 'case_row_proven');
CREATE POLICY cases ON referral TO haven_app
    USING ((SELECT sees_cases()) AND organisation_id IN (SELECT unnest(my_partners()))
           AND household_id NOT IN (SELECT hidden_cases()));
-- To the service an erased household does not exist. Other tables find that out by the household's policy or
-- by case_hidden(); this table is read in long lists, so its rows carry the mark themselves.
CREATE POLICY erased ON referral AS RESTRICTIVE TO haven_app USING (NOT erased);

CREATE TABLE marac (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    household_id uuid NOT NULL REFERENCES household,
    referred_on date NOT NULL,
    heard_on date CHECK (heard_on >= referred_on),
    version integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (household_id, referred_on)
);
COMMENT ON TABLE marac IS 'A referral of a household to the multi-agency risk assessment conference.';
COMMENT ON COLUMN marac.id IS 'Identity.';
COMMENT ON COLUMN marac.household_id IS 'The household.';
COMMENT ON COLUMN marac.referred_on IS 'Day of the referral.';
COMMENT ON COLUMN marac.heard_on IS 'Day of the conference that heard it; NULL until then.';
COMMENT ON COLUMN marac.version IS 'Grows by one with each change; the ETag.';
COMMENT ON COLUMN marac.created_at IS 'When it was recorded.';
SELECT guard('marac', 'case', writes => 'insert, update', untold => '{referred_on,heard_on}', erase => 'rows');

CREATE VIEW marac_view WITH (security_invoker = true) AS
SELECT m.id, m.household_id, m.referred_on, m.heard_on,
       EXISTS (SELECT FROM marac e WHERE e.household_id = m.household_id AND e.referred_on < m.referred_on
                  AND coalesce(e.heard_on, e.referred_on) >= m.referred_on - interval '12 months') AS repeat,
       m.version
  FROM marac m;
COMMENT ON VIEW marac_view IS 'Conferences, with whether each is a repeat: another within the twelve months before.';
GRANT SELECT ON marac_view TO haven_app;

CREATE TABLE consent (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    household_id uuid NOT NULL REFERENCES household,
    purpose consent_purpose NOT NULL,
    basis consent_basis NOT NULL,
    reason text,
    account_id uuid REFERENCES account,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT consent_high_risk CHECK (basis <> 'high_risk_without_consent'
        OR reason IS NOT NULL AND purpose NOT IN ('contact', 'research_statistics'))
);
COMMENT ON TABLE consent IS
    'What a household agreed to, purpose by purpose. Rows are only ever added: the newest row of a purpose counts, '
    'and a purpose without a row was not asked.';
COMMENT ON COLUMN consent.id IS 'Identity.';
COMMENT ON COLUMN consent.household_id IS 'The household.';
COMMENT ON COLUMN consent.purpose IS 'The purpose of the sharing.';
COMMENT ON COLUMN consent.basis IS 'Given, refused, withdrawn, or shared without it because the risk is high.';
COMMENT ON COLUMN consent.reason IS 'Why shared without consent.';
COMMENT ON COLUMN consent.account_id IS 'The person who recorded it.';
COMMENT ON COLUMN consent.at IS 'When.';
CREATE INDEX consent_household ON consent (household_id, purpose, at DESC);
SELECT guard('consent', 'case', writes => 'insert', untold => '{reason}', erase => 'facts',
             erased => '{"reason": "CASE WHEN reason IS NOT NULL THEN ''erased'' END"}');

-- By household: a view of all consents that is joined to one household is computed for all of them first.
CREATE FUNCTION consents_of(household uuid) RETURNS SETOF consent LANGUAGE sql STABLE AS $$
    SELECT DISTINCT ON (c.purpose) c.* FROM consent c WHERE c.household_id = household
     ORDER BY c.purpose, c.at DESC, c.id
$$;
COMMENT ON FUNCTION consents_of IS 'The newest answer of a household for each purpose.';
GRANT EXECUTE ON FUNCTION consents_of TO haven_app;

CREATE FUNCTION offer_refusal(household uuid) RETURNS offer_refusal LANGUAGE plpgsql STABLE AS $$
DECLARE
    now_is text := (SELECT c.basis FROM consents_of(household) c WHERE c.purpose = 'share_with_providers');
BEGIN
    RETURN CASE WHEN now_is IN ('given', 'high_risk_without_consent') THEN NULL
                WHEN now_is IS NOT NULL THEN now_is
                WHEN (SELECT h.urgency = 'emergency' FROM household h WHERE h.id = household) THEN NULL
                ELSE 'not_asked' END;
END $$;
COMMENT ON FUNCTION offer_refusal IS
    'Why the household may not be shown to a provider; NULL where it may. In an emergency a household that was not '
    'asked may be shown.';
GRANT EXECUTE ON FUNCTION offer_refusal TO haven_app;

CREATE TABLE unmet_need (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    household_id uuid NOT NULL REFERENCES household,
    organisation_id uuid NOT NULL REFERENCES organisation,
    reasons jsonb NOT NULL,
    policy_version text NOT NULL,
    inputs_hash text NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (household_id, inputs_hash)
);
COMMENT ON TABLE unmet_need IS
    'A search that ended with nothing to offer, recorded once for each search: the needs assessment.';
COMMENT ON COLUMN unmet_need.id IS 'Identity.';
COMMENT ON COLUMN unmet_need.household_id IS 'The household.';
COMMENT ON COLUMN unmet_need.organisation_id IS 'The organisation that searched.';
COMMENT ON COLUMN unmet_need.reasons IS 'Vacancies counted by the first rule that they fail.';
COMMENT ON COLUMN unmet_need.policy_version IS 'Matching policy in force.';
COMMENT ON COLUMN unmet_need.inputs_hash IS 'Hash of the search''s inputs, so that repeating the search counts once.';
COMMENT ON COLUMN unmet_need.recorded_at IS 'When.';
SELECT guard('unmet_need', 'alone', erase => 'kept');
CREATE POLICY cases ON unmet_need FOR SELECT TO haven_app
    USING ((SELECT counts_needs()) AND organisation_id = ANY ((SELECT my_partners())::uuid[])
           AND household_id NOT IN (SELECT hidden_cases()));
