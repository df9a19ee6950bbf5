-- A search shows whom to call at the provider of each place, and asks no database for it.

CREATE OR REPLACE VIEW board_property WITH (security_invoker = true) AS
SELECT p.id, p.organisation_id, o.partnership_id::text, o.name AS provider, p.area_label, p.local_authority,
       p.outward_code, p.type, p.residents, p.staffing, p.shared_access, a.median_minutes AS answer_minutes,
       o.day_phone, o.night_phone, o.day_begins, o.day_ends
  FROM property p
  JOIN organisation o ON o.id = p.organisation_id
  LEFT JOIN provider_answer a ON a.organisation_id = o.id
 WHERE p.closed_at IS NULL;

CREATE FUNCTION organisation_changed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO change_log (kind, id)
    SELECT 'vacancy', v.id FROM vacancy v
     WHERE v.organisation_id = NEW.id AND v.withdrawn_at IS NULL AND v.taken_at IS NULL;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION organisation_changed IS 'The boards show its name and telephones beside each vacancy.';
CREATE TRIGGER organisation_board AFTER UPDATE OF name, day_phone, night_phone, day_begins, day_ends ON organisation
    FOR EACH ROW EXECUTE FUNCTION organisation_changed();
