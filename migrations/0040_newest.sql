-- The newest decisions are read by an index, and each is judged once it is among them: reading 8,000
-- decisions to show fifty asked 8,000 times whether the reader may know the case.
CREATE INDEX cleared_pair_newest ON cleared_pair (cleared_at DESC, id DESC);

CREATE OR REPLACE FUNCTION cleared_pairs(most integer, before text, one uuid DEFAULT NULL)
RETURNS TABLE (id uuid, household_reference text, declaration_id uuid, property_id uuid, cleared_by text,
               cleared_at timestamptz, reason text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
DECLARE
    partners uuid[] := audit.me('partners')::uuid[];
    account uuid := audit.me('account')::uuid;
    until timestamptz := coalesce(split_part(before, '|', 1)::timestamptz, 'infinity');
    until_id uuid := coalesce(split_part(before, '|', 2)::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff');
BEGIN
    IF NOT administers() THEN
        RETURN;
    END IF;
    -- A decision has a row for each hash, all of one time: the first tells it.
    RETURN QUERY
    SELECT c.id, h.reference, c.link_id, c.property_id, a.display_name, c.cleared_at, c.reason
      FROM (SELECT DISTINCT ON (x.cleared_at, x.id) x.*
              FROM cleared_pair x
             WHERE (one IS NULL OR x.id = one) AND (x.cleared_at, x.id) < (until, until_id)
             ORDER BY x.cleared_at DESC, x.id DESC) c
      JOIN household h ON h.id = c.household_id
      JOIN account a ON a.id = c.cleared_by
     WHERE h.organisation_id = ANY (partners) AND NOT case_hidden(h.id, account)
     ORDER BY c.cleared_at DESC, c.id DESC LIMIT most;
END $$;

CREATE FUNCTION newest_referral(household uuid) RETURNS uuid LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT r.id FROM referral r WHERE r.household_id = newest_referral.household
             ORDER BY r.created_at DESC, r.id LIMIT 1);
END $$;
COMMENT ON FUNCTION newest_referral IS
    'The newest referral of a household, where the caller sees it: the page to go on to from the household''s others.';
GRANT EXECUTE ON FUNCTION newest_referral TO haven_app;
