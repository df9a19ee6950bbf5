-- A decision is judged again years later by what it was made from (`haven decision replay`): the policy of its
-- day, and its inputs without identity.

-- ---- every policy that was in force ----

CREATE TABLE policy_kept (
    digest text PRIMARY KEY CHECK (digest ~ '^[0-9a-f]{64}$'),
    version text NOT NULL,
    numbers jsonb NOT NULL,
    since timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE policy_kept IS 'Every matching policy that was ever in force. Nothing is taken from here.';
COMMENT ON COLUMN policy_kept.digest IS 'SHA-256 of its numbers as the database writes them: two may share a version.';
COMMENT ON COLUMN policy_kept.version IS 'Its version.';
COMMENT ON COLUMN policy_kept.numbers IS 'The file: its version, and every switch, limit and weight.';
COMMENT ON COLUMN policy_kept.since IS 'When it came into force for the first time.';
SELECT guard('policy_kept', 'owner');

ALTER TABLE policy ADD COLUMN digest text;
COMMENT ON COLUMN policy.digest IS 'Its row in policy_kept.';

CREATE FUNCTION keep_policy() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.digest := encode(sha256(convert_to(NEW.numbers::text, 'UTF8')), 'hex');
    INSERT INTO policy_kept (digest, version, numbers) VALUES (NEW.digest, NEW.numbers ->> 'version', NEW.numbers)
    ON CONFLICT (digest) DO NOTHING;
    RETURN NEW;
END $$;
COMMENT ON FUNCTION keep_policy IS 'Keeps a policy from the moment in which it comes into force.';
CREATE TRIGGER keep BEFORE INSERT OR UPDATE ON policy FOR EACH ROW EXECUTE FUNCTION keep_policy();
UPDATE policy SET numbers = numbers;
ALTER TABLE policy ALTER COLUMN digest SET NOT NULL;

-- ---- what a decision was made from ----

-- Beside the placement, not in it: workers read placements, and who reads what a household fears together with the
-- place that it was given can tell where that place is. No worker reads this table, and a worker adds to it only
-- within take_hold(). The erasure of a household takes the row: ages, needs and unsafe areas do not outlive it, and
-- without them nothing can be judged again. Statistics stay in the placement: policy, score, hash.
--
-- No foreign keys: the row is written by the statement that makes the placement, which is never deleted, and the
-- check of two keys would be a tenth of what a hold costs.
CREATE TABLE decision (
    placement_id uuid PRIMARY KEY,
    household_id uuid NOT NULL,
    policy_digest text NOT NULL,
    inputs text NOT NULL,
    answer text NOT NULL
);
COMMENT ON TABLE decision IS 'What each hold was decided from and what the answer was (decision/decision.h).';
COMMENT ON COLUMN decision.placement_id IS 'The placement that the hold became.';
COMMENT ON COLUMN decision.household_id IS 'Its household, for the erasure.';
COMMENT ON COLUMN decision.policy_digest IS 'The policy by which it was judged: a row of policy_kept.';
COMMENT ON COLUMN decision.inputs IS
    'Need, place, places passed over, and what the geography said of their districts; JSON without identity.';
COMMENT ON COLUMN decision.answer IS 'Rank, points and verdicts as they were told; JSON.';
CREATE INDEX decision_household ON decision (household_id);
SELECT guard('decision', 'owner', erase => 'rows');

ALTER TABLE placement ADD COLUMN decision_hash text;
COMMENT ON COLUMN placement.decision_hash IS
    'Hash of what is kept of the decision, in the sealed audit trail too; NULL where nothing was kept.';
