-- What pages show and change next to an answer: when and by whom a placement ended, an arrival that moves after the
-- offer, offers that wait, why a household is less urgent than it was; and one person twice in a household, whatever
-- the order of the names.

-- ---- how a placement ended ----

ALTER TABLE placement ADD COLUMN ended_at timestamptz, ADD COLUMN ended_by uuid REFERENCES account;
COMMENT ON COLUMN placement.ended_at IS
    'When it was declined, cancelled, or the household did not arrive; NULL where that was before it was kept.';
COMMENT ON COLUMN placement.ended_by IS 'The person whose act ended it; NULL where nobody''s did.';

CREATE FUNCTION placement_ends() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
BEGIN
    NEW.ended_at := now();
    NEW.ended_by := audit.me('account')::uuid;
    RETURN NEW;
END $$;
COMMENT ON FUNCTION placement_ends IS 'Keeps when a placement ended, and by whose act.';
CREATE TRIGGER b_ends BEFORE UPDATE OF state ON placement FOR EACH ROW
    WHEN (NEW.state IN ('declined', 'cancelled', 'not_arrived') AND OLD.state IS DISTINCT FROM NEW.state)
    EXECUTE FUNCTION placement_ends();

-- ---- what a provider is told ----

ALTER DOMAIN notice_kind DROP CONSTRAINT notice_kind_check;
ALTER DOMAIN notice_kind ADD CONSTRAINT notice_kind_check CHECK (VALUE IN ('vacancy_lapsed', 'place_out_of_service',
    'offer_waits', 'arrival_changed'));
ALTER TABLE notice DROP CONSTRAINT notice_placement,
    ADD CONSTRAINT notice_placement CHECK ((kind = 'vacancy_lapsed') = (placement_id IS NULL));
COMMENT ON TABLE notice IS
    'What an organisation is told: a vacancy of its own that lapsed, a hold or offer that ended because the place went '
    'out of service, an offer that waits for its answer, an arrival that was moved.';
COMMENT ON COLUMN notice.placement_id IS 'The placement that it is about.';

CREATE OR REPLACE VIEW notice_view WITH (security_invoker = true) AS
SELECT n.id, n.kind, n.vacancy_id, n.placement_id, u.reference AS unit_reference, o.name AS provider,
       case_reference(p.household_id) AS household_reference, utc(n.at) AS at, n.at AS happened,
       CASE WHEN n.kind = 'offer_waits' THEN utc(p.expires_at) END AS expires_at,
       CASE WHEN n.kind IN ('offer_waits', 'arrival_changed') THEN p.arrival_time END AS arrival_time
  FROM notice n
  JOIN vacancy v ON v.id = n.vacancy_id
  JOIN unit u ON u.id = v.unit_id
  JOIN organisation o ON o.id = v.organisation_id
  LEFT JOIN placement p ON p.id = n.placement_id
 WHERE CASE n.kind
       WHEN 'vacancy_lapsed' THEN v.withdrawn_at IS NULL AND v.taken_at IS NULL AND v.confirmed_at < n.at
       WHEN 'offer_waits' THEN p.state = 'offered' AND p.expires_at > now()
       WHEN 'arrival_changed'
           THEN (p.state = 'accepted' OR p.state = 'offered' AND p.expires_at > now())
                AND NOT EXISTS (SELECT FROM notice l
                                 WHERE l.organisation_id = n.organisation_id AND l.kind = n.kind
                                   AND l.vacancy_id = n.vacancy_id AND l.placement_id = n.placement_id AND l.at > n.at)
       ELSE p.id IS NOT NULL AND n.at > now() - interval '3 days' END;
COMMENT ON VIEW notice_view IS
    'Notices that still ask for something: a lapse until the vacancy is confirmed or withdrawn, an ended offer for '
    'three days, an offer until it is answered, the newest change of an arrival until they arrive. One about a case '
    'that is hidden from the caller is not there.';

CREATE FUNCTION tell_provider() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO notice (organisation_id, kind, vacancy_id, placement_id)
    VALUES (NEW.organisation_id, CASE WHEN OLD.state = NEW.state THEN 'arrival_changed' ELSE 'offer_waits' END,
            NEW.vacancy_id, NEW.id)
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION tell_provider IS 'Tells a provider of an offer, and of an arrival that moves after it.';
CREATE TRIGGER placement_offered AFTER UPDATE OF state ON placement FOR EACH ROW
    WHEN (NEW.state = 'offered' AND OLD.state = 'held') EXECUTE FUNCTION tell_provider();
CREATE TRIGGER placement_arrival AFTER UPDATE OF arrival_time ON placement FOR EACH ROW
    WHEN (NEW.state IN ('offered', 'accepted') AND OLD.state = NEW.state
          AND OLD.arrival_time IS DISTINCT FROM NEW.arrival_time)
    EXECUTE FUNCTION tell_provider();

-- ---- less urgent than before ----

CREATE DOMAIN urgency_reason AS text CHECK (VALUE IN ('safe_for_now', 'assessed_again', 'asked_to_wait',
    'recording_error'));
COMMENT ON DOMAIN urgency_reason IS 'Why a household became less urgent, so that a decision is due later or never.';
ALTER TABLE household ADD COLUMN urgency_reason urgency_reason;
COMMENT ON COLUMN household.urgency_reason IS 'Why it became less urgent than it was, of the last such change.';
GRANT UPDATE (urgency_reason), INSERT (urgency_reason) ON household TO haven_app;

-- ---- the same person twice in a household ----

CREATE OR REPLACE FUNCTION refuse_member_twice() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    -- of a member who was renamed the newest name counts
    IF NEW.purpose = 'person' AND NEW.form IN ('exact', 'possible')
        AND EXISTS (SELECT FROM person_index i JOIN member m ON m.id = i.member_id AND m.ended_at IS NULL
                     WHERE i.household_id = NEW.household_id AND i.hash = NEW.hash AND i.member_id <> NEW.member_id
                       AND NOT EXISTS (SELECT FROM person_index n
                                        WHERE n.member_id = i.member_id AND n.purpose = 'person'
                                          AND n.household_id = i.household_id AND n.created_at > i.created_at)) THEN
        RAISE EXCEPTION 'a member twice' USING ERRCODE = 'check_violation', CONSTRAINT = 'person_index_member_once';
    END IF;
    RETURN NEW;
END $$;
COMMENT ON FUNCTION refuse_member_twice IS
    'One person is one member of a household: the same name, in any order of its parts and with or without diacritics, '
    'with the same date of birth is refused.';
