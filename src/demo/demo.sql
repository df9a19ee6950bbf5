-- Demo data. Identities are derived from the keys of the data file, so that a second load finds the first.

-- name: demo_state
-- role: tool
-- Demo partnerships have identities that begin with de300000, the next group names the set.
SELECT count(*) FILTER (WHERE p.id::text NOT LIKE 'de300000-%') AS other,
       coalesce(min(substr(p.id::text, 10, 4)) FILTER (WHERE p.id::text LIKE 'de300000-%'), '') AS loaded
  FROM partnership p

-- name: demo_accounts
-- role: tool
SELECT a.username, a.role, o.name AS organisation, $1::text AS password
  FROM account a JOIN organisation o ON o.id = a.organisation_id
 WHERE a.disabled_at IS NULL AND o.partnership_id = ('de300000-' || $2 || '-4000-8000-000000000000')::uuid
 ORDER BY a.role, a.username

-- name: demo_partnership
-- role: tool
INSERT INTO partnership (id, name) VALUES ($1::uuid, $2::jsonb ->> 'partnership')

-- name: demo_organisations
-- role: tool
INSERT INTO organisation (id, partnership_id, kind, name)
SELECT md5('demo ' || o.key)::uuid, $1::uuid, o.kind, o.name
  FROM jsonb_to_recordset($2::jsonb -> 'organisations') AS o (key text, kind text, name text)

-- name: demo_people_of_organisations
-- role: tool
INSERT INTO account (id, organisation_id, username, display_name, role, password_hash)
SELECT md5('demo account ' || a.username)::uuid, md5('demo ' || a.organisation)::uuid, a.username, a.name, a.role, $2
  FROM jsonb_to_recordset($1::jsonb -> 'accounts') AS a (username text, name text, role text, organisation text)

-- name: demo_properties
-- role: tool
INSERT INTO property
SELECT r.*
  FROM jsonb_array_elements($1::jsonb -> 'properties') p,
       jsonb_populate_record(NULL::property, p || jsonb_build_object('id', md5('demo ' || (p ->> 'key'))::uuid,
           'organisation_id', md5('demo ' || (p ->> 'organisation'))::uuid, 'version', 1, 'created_at', now())) r

-- name: demo_units
-- role: tool
-- What the units of a property share is said once, under "unit".
INSERT INTO unit (id, property_id, organisation_id, reference, self_contained, bedrooms, max_people, cots, floor,
                  step_free, wheelchair, adapted_bathroom, hearing_aids, visual_aids, pets, min_age, oldest_boy,
                  adult_children, mental_health, drugs, alcohol, offending, arson, violence, sexual_offending,
                  nrpf, specialisms, languages, highest_risk, weekly_cost_pence, longest_stay_days, closed_at,
                  version, created_at, mix_poses, mix_avoids, mix_reviewed_at)
SELECT r.id, r.property_id, r.organisation_id, r.reference, r.self_contained, r.bedrooms, r.max_people, r.cots,
       r.floor, r.step_free, r.wheelchair, r.adapted_bathroom, r.hearing_aids, r.visual_aids, r.pets, r.min_age,
       r.oldest_boy, r.adult_children, r.mental_health, r.drugs, r.alcohol, r.offending, r.arson, r.violence,
       r.sexual_offending, r.nrpf, r.specialisms, r.languages, r.highest_risk, r.weekly_cost_pence,
       r.longest_stay_days, r.closed_at, r.version, r.created_at, r.mix_poses, r.mix_avoids, r.mix_reviewed_at
  FROM jsonb_array_elements($1::jsonb -> 'properties') p, jsonb_array_elements(p -> 'units') u,
       jsonb_populate_record(NULL::unit,
                             '{"cots": 0, "specialisms": [], "languages": [], "mix_poses": [], "mix_avoids": []}'
                                 || (p -> 'unit') || u
           || jsonb_build_object('id', md5('demo ' || (p ->> 'key') || '/' || (u ->> 'reference'))::uuid,
           'mix_reviewed_at', CASE WHEN u ? 'mix_poses' OR p -> 'unit' ? 'mix_poses'
               THEN now() - interval '30 hours' END,
           'property_id', md5('demo ' || (p ->> 'key'))::uuid,
           'organisation_id', md5('demo ' || (p ->> 'organisation'))::uuid, 'version', 1, 'created_at', now())) r

-- name: demo_vacancies
-- role: tool
INSERT INTO vacancy (id, unit_id, organisation_id, available_from, available_until, confirmed_at, taken_at, created_at)
SELECT md5('demo ' || (p ->> 'key') || '/' || (u ->> 'reference') || '#' || n)::uuid,
       md5('demo ' || (p ->> 'key') || '/' || (u ->> 'reference'))::uuid, md5('demo ' || (p ->> 'organisation'))::uuid,
       $2::date + (v ->> 'from_in_days')::integer, $2::date + (v ->> 'until_in_days')::integer,
       now() - make_interval(hours => (v ->> 'confirmed_hours')::integer),
       now() - make_interval(hours => (v ->> 'taken_hours')::integer),
       now() - make_interval(hours => (v ->> 'confirmed_hours')::integer + 7)
  FROM jsonb_array_elements($1::jsonb -> 'properties') p, jsonb_array_elements(p -> 'units') u,
       jsonb_array_elements(u -> 'vacancies') WITH ORDINALITY vs (v, n)

-- name: demo_voids
-- role: tool
INSERT INTO void_period (unit_id, organisation_id, from_day, until_day, reason, cost_centre, note)
SELECT md5('demo ' || (p ->> 'key') || '/' || (u ->> 'reference'))::uuid, md5('demo ' || (p ->> 'organisation'))::uuid,
       $2::date + (v ->> 'from_in_days')::integer, $2::date + (v ->> 'until_in_days')::integer,
       v ->> 'reason', v ->> 'cost_centre', v ->> 'note'
  FROM jsonb_array_elements($1::jsonb -> 'properties') p, jsonb_array_elements(p -> 'units') u,
       jsonb_array_elements(u -> 'voids') v

-- name: demo_households
-- role: tool
-- A reference is drawn once and kept in the data file, so the order among equals stays the same too.
INSERT INTO household
SELECT r.*
  FROM jsonb_array_elements($1::jsonb -> 'households') h,
       jsonb_populate_record(NULL::household,
                             '{"situation": "not_known", "urgency": "emergency", "wishes": [],
           "wished_areas": [], "wished_specialisms": [], "places_to_reach": [], "languages": ["en"],
           "support_needs": [],
           "bedrooms_needed": 1, "bedrooms_certain": true, "restricted": false, "version": 1,
           "primary_victim": "not_determined",
           "immigration_status": "not_asked", "income_source": "not_asked"}' || h || jsonb_build_object(
           'id', md5('demo ' || (h ->> 'reference'))::uuid, 'organisation_id',
           md5('demo ' || (h ->> 'organisation'))::uuid,
           'owner_id', md5('demo account ' || (h ->> 'owner'))::uuid,
           'due_on', $2::date + (h ->> 'due_in_days')::integer, 'want_from', $2::date + (h ->> 'want_in_days')::integer,
           'immigration_expires_on', $2::date + (h ->> 'immigration_expires_in_days')::integer,
           'risk_review_on', CASE WHEN h ? 'closed_days' OR h ->> 'risk_level' IS NULL THEN NULL
                                  ELSE $2::date + 28 - (h ->> 'waiting_hours')::integer / 24 END,
           'tie_break', ('x' || substr(md5(h ->> 'reference'), 1, 7))::bit(28)::integer,
           'waiting_since', now() - make_interval(hours => (h ->> 'waiting_hours')::integer),
           'created_at', now() - make_interval(hours => (h ->> 'waiting_hours')::integer),
           'closed_at', now() - make_interval(days => (h ->> 'closed_days')::integer))) r

-- name: demo_members
-- role: tool
INSERT INTO member (id, household_id, kind, sex, gender_identity, age, age_on, relationship, couple)
SELECT md5('demo ' || (h ->> 'reference') || '/' || n)::uuid, md5('demo ' || (h ->> 'reference'))::uuid, m ->> 'kind',
       m ->> 'sex',
       m ->> 'gender_identity', (m ->> 'age')::integer, $2::date, m ->> 'relationship', (m ->> 'couple')::boolean
  FROM jsonb_array_elements($1::jsonb -> 'households') h, jsonb_array_elements(h -> 'members') WITH ORDINALITY ms (m, n)

-- name: demo_belonging_do
-- role: tool
-- Each member of a household in the data file that is called as a table with a household_id, and is a list,
-- is its rows there. A number in a column of days is so many days ago, in one of instants so many hours; a
-- name in a column of identities is an organisation's where that is what the column says, else an account's.
CREATE FUNCTION pg_temp.demo_belonging(told jsonb, today date) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    r record;
    its jsonb;
BEGIN
    FOR r IN SELECT md5('demo ' || (h ->> 'reference'))::uuid AS household, a.attrelid::regclass AS of_table, v.given
               FROM jsonb_array_elements(told -> 'households') h, jsonb_each(h) member
               JOIN pg_attribute a ON a.attrelid = to_regclass(member.key) AND a.attname = 'household_id',
                    jsonb_array_elements(CASE jsonb_typeof(member.value) WHEN 'array' THEN member.value END) v (given)
    LOOP
        SELECT jsonb_build_object('household_id', r.household) || jsonb_object_agg(g.key, CASE
                   WHEN a.atttypid = 'date'::regtype THEN to_jsonb(today - g.value::integer)
                   WHEN a.atttypid = 'timestamptz'::regtype
                   THEN to_jsonb(now() - make_interval(hours => g.value::integer))
                   WHEN g.key = 'organisation_id' THEN to_jsonb(md5('demo ' || (g.value #>> '{}'))::uuid)
                   WHEN a.atttypid = 'uuid'::regtype THEN to_jsonb(md5('demo account ' || (g.value #>> '{}'))::uuid)
                   ELSE g.value END)
          INTO its
          FROM jsonb_each(r.given) g LEFT JOIN pg_attribute a ON a.attrelid = r.of_table AND a.attname = g.key;
        EXECUTE format('INSERT INTO %1$s (%2$s) SELECT %2$s FROM jsonb_populate_record(NULL::%1$s, %3$L)', r.of_table,
                       (SELECT string_agg(quote_ident(k), ', ') FROM jsonb_object_keys(its) k), its);
    END LOOP;
END $$

-- name: demo_belonging
-- role: tool
SELECT pg_temp.demo_belonging($1::jsonb, $2::date)

-- name: demo_referrals
-- role: tool
INSERT INTO referral (household_id, organisation_id, state, source, close_reason,
                      submitted_at, triaged_at, at_home_at, plan_measures, plan_review_on, closed_at, created_at)
SELECT md5('demo ' || (h ->> 'reference'))::uuid, md5('demo ' || (h ->> 'organisation'))::uuid, r.state, r.source,
       r.close_reason, t.at,
       CASE WHEN r.state <> 'submitted' THEN t.at + interval '25 minutes' END,
       CASE WHEN r.state = 'waiting_at_home' THEN t.at + interval '50 minutes' END, coalesce(r.plan_measures, '{}'),
       $2::date + r.plan_review_in_days, CASE WHEN r.state = 'closed' THEN t.at + interval '30 hours' END, t.at
  FROM jsonb_array_elements($1::jsonb -> 'households') h,
       jsonb_to_record(h -> 'referral') AS r (state text, source text, close_reason text, plan_measures text[],
                                              plan_review_in_days integer),
       LATERAL (SELECT now() - make_interval(hours => (h ->> 'waiting_hours')::integer) AS at) t

-- name: demo_consents
-- role: tool
INSERT INTO consent (household_id, purpose, basis, reason, account_id, at)
SELECT md5('demo ' || (h ->> 'reference'))::uuid, p.purpose, r.consent, r.consent_reason,
       md5('demo account ' || (h ->> 'owner'))::uuid,
       now() - make_interval(hours => (h ->> 'waiting_hours')::integer)
  FROM jsonb_array_elements($1::jsonb -> 'households') h,
       jsonb_to_record(h -> 'referral') AS r (consent text, consent_reason text),
       unnest(CASE WHEN r.consent = 'given' THEN ARRAY['share_with_providers', 'contact']
              ELSE ARRAY['share_with_providers'] END)
           AS p (purpose)
 WHERE r.consent IS NOT NULL

-- name: demo_characteristics
-- role: tool
-- Of the main applicant, who is the first member.
INSERT INTO member_characteristic
SELECT r.*
  FROM jsonb_array_elements($1::jsonb -> 'households') h,
       jsonb_populate_record(NULL::member_characteristic, '{"ethnic_group": "not_asked", "religion": "not_asked",
           "sexual_orientation": "not_asked", "gender_registered": "not_asked", "disability": "not_asked",
           "partnership_status": "not_asked", "version": 1}' || (h -> 'characteristics') || jsonb_build_object(
           'id', md5('demo ' || (h ->> 'reference') || '/1')::uuid, 'household_id',
           md5('demo ' || (h ->> 'reference'))::uuid)) r
 WHERE h ? 'characteristics'

-- name: demo_unmet
-- role: tool
INSERT INTO unmet_need (household_id, organisation_id, reasons, policy_version, inputs_hash)
SELECT md5('demo ' || (h ->> 'reference'))::uuid, md5('demo ' || (h ->> 'organisation'))::uuid, h -> 'unmet', $2,
       md5(h ->> 'reference')
  FROM jsonb_array_elements($1::jsonb -> 'households') h WHERE h ? 'unmet'

-- name: demo_placements
-- role: tool
INSERT INTO placement (vacancy_id, unit_id, organisation_id, household_id, requested_by, holder_id, state, period,
                       held_at, expires_at,
                       offered_at, decided_at, arrived_on, departed_on, decline_side, decline_reason, equality_ground,
                       equality_exception, cancel_reason, non_arrival_reason, departure_reason, destination,
                       safe_and_well, policy_version, inputs_hash, score, household_version, unit_version)
SELECT md5('demo ' || (p ->> 'key') || '/' || (u ->> 'reference') || '#' || n)::uuid,
       md5('demo ' || (p ->> 'key') || '/' || (u ->> 'reference'))::uuid, md5('demo ' || (p ->> 'organisation'))::uuid,
       h.id, h.organisation_id, md5('demo account ' || l.holder)::uuid, l.state,
       daterange($2::date + coalesce(l.from_in_days, 0), $2::date + coalesce(l.departed_in_days, l.until_in_days)),
       now() - make_interval(mins => l.held_minutes), now() + make_interval(mins => l.expires_minutes),
       now() - make_interval(mins => l.offered_minutes), now() - make_interval(mins => l.decided_minutes),
       CASE WHEN l.state IN ('arrived', 'departed') THEN $2::date + l.from_in_days END, $2::date + l.departed_in_days,
       l.decline_side, l.decline_reason, l.equality_ground, l.equality_exception, l.cancel_reason, l.non_arrival_reason,
       l.departure_reason, l.destination, l.safe_and_well, $3, md5(l.household), 40, h.version, 1
  FROM jsonb_array_elements($1::jsonb -> 'properties') p, jsonb_array_elements(p -> 'units') u,
       jsonb_array_elements(u -> 'vacancies') WITH ORDINALITY vs (v, n),
       jsonb_to_recordset(v -> 'placements') AS l (household text, holder text, state text, from_in_days integer,
           until_in_days integer, held_minutes integer, expires_minutes integer, offered_minutes integer,
           decided_minutes integer,
           departed_in_days integer, decline_side text, decline_reason text, equality_ground boolean,
           equality_exception text,
           cancel_reason text, non_arrival_reason text, departure_reason text, destination text, safe_and_well boolean)
  JOIN household h ON h.reference = l.household

-- name: demo_property_ids
-- role: tool
-- In the order of the file, as below.
SELECT md5('demo ' || (p ->> 'key'))::uuid AS id, md5('demo ' || (p ->> 'organisation'))::uuid AS organisation_id
  FROM jsonb_array_elements($1::jsonb -> 'properties') WITH ORDINALITY ps (p, n) ORDER BY n

-- name: demo_member_ids
-- role: tool
SELECT md5('demo ' || (h ->> 'reference'))::uuid AS household_id,
       md5('demo ' || (h ->> 'organisation'))::uuid AS organisation_id,
       md5('demo ' || (h ->> 'reference') || '/' || n)::uuid AS member_id
  FROM jsonb_array_elements($1::jsonb -> 'households') WITH ORDINALITY hs (h, hn),
       jsonb_array_elements(h -> 'members') WITH ORDINALITY ms (m, n)
 ORDER BY hn, n

-- name: demo_put_key
-- role: tool
SELECT vault.put_key($1, $2::uuid, $3::uuid, decode($4, 'hex'))

-- name: demo_put_address
-- role: tool
-- Of all these: $1 the row, $2 the subject, $3 the sealed value.
SELECT vault.put_address($2::uuid, decode($3, 'hex')) WHERE $1::uuid = $2::uuid

-- name: demo_put_person
-- role: tool
SELECT vault.put_person($1::uuid, $2::uuid, decode($3, 'hex'))

-- name: demo_put_contact
-- role: tool
SELECT vault.put_contact($1::uuid, $2::uuid, decode($3, 'hex'))

-- name: demo_put_party
-- role: tool
SELECT vault.put_party($1::uuid, $2::uuid, decode($3, 'hex'))

-- name: demo_put_first_name
-- role: tool
SELECT vault.put_first_name($1::uuid, $2::uuid, decode($3, 'hex'))

-- name: demo_put_home
-- role: tool
WITH put AS (
    INSERT INTO vault.home (id, household_id, sealed) VALUES ($1::uuid, $2::uuid, decode($3, 'hex')) RETURNING *)
SELECT vault.register_secret(p.id, p.household_id, 'home') FROM put p

-- name: demo_person_hash
-- role: tool
INSERT INTO person_index (household_id, member_id, purpose, hash, form)
VALUES ($1::uuid, $4::uuid, $3, decode($2, 'hex'), $5)

-- name: demo_property_hash
-- role: tool
INSERT INTO property_party (property_id, hash, link, form) VALUES ($1::uuid, decode($2, 'hex'), $3, $4)

-- name: demo_ages
-- role: tool
SELECT household_id, kind, sex, age, couple_of(m) AS couple_of,
       (SELECT coalesce(h.overnight_carer, false) FROM household h WHERE h.id = m.household_id) AS carer
  FROM member m ORDER BY household_id

-- name: demo_bedrooms
-- role: tool
UPDATE household SET bedrooms_needed = $2::integer, bedrooms_certain = $3::boolean
 WHERE id = $1::uuid AND (bedrooms_needed, bedrooms_certain) <> ($2::integer, $3::boolean)

-- name: demo_tidy
-- role: tool
SELECT tidy() AS expired

-- name: demo_analyze
-- role: tool
-- A bulk load leaves no statistics, and no page known to be visible to all.
VACUUM (ANALYZE)

-- name: demo_bare
-- role: tool
-- Row by row, keys of strangers, indexes and triggers are most of the work of a load. So they are taken
-- off, and put on again by demo_dress in the same transaction: what does not fit them is refused there,
-- and nothing is loaded. Primary keys and unique constraints stay on. What a trigger would have made of cases that
-- are shared is made last, where the schema is not of before.
DO 'DECLARE
    t record;
BEGIN
    CREATE TEMP TABLE demo_taken_off (turn integer, again text) ON COMMIT DROP;
    INSERT INTO demo_taken_off
    SELECT CASE contype WHEN ''x'' THEN 2 ELSE 3 END,
           format(''ALTER TABLE %s ADD CONSTRAINT %I %s'', conrelid::regclass, conname, pg_get_constraintdef(oid))
      FROM pg_constraint WHERE contype IN (''f'', ''x'') AND conparentid = 0;
    INSERT INTO demo_taken_off
    SELECT 1, pg_get_indexdef(i.indexrelid) FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
     WHERE c.relnamespace ::regnamespace::text IN (''public'', ''vault'', ''audit'', ''fund'', ''sanctuary'')
       AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = i.indexrelid AND contype IN (''p'', ''u'', ''x''));
    INSERT INTO demo_taken_off
    SELECT 4, ''SELECT settle_all_navigators()'' WHERE to_regprocedure(''settle_all_navigators()'') IS NOT NULL;
    INSERT INTO demo_taken_off
    SELECT DISTINCT 5, format(''ALTER TABLE %s ENABLE TRIGGER USER'', tgrelid::regclass) FROM pg_trigger g
  JOIN pg_class c ON c.oid = g.tgrelid
     WHERE NOT tgisinternal AND relnamespace::regnamespace::text IN (''public'', ''fund'', ''sanctuary'');
    FOR t IN SELECT conrelid::regclass AS rel, conname FROM pg_constraint
        WHERE contype IN (''f'', ''x'') AND conparentid = 0 LOOP
        EXECUTE format(''ALTER TABLE %s DROP CONSTRAINT %I'', t.rel, t.conname);
    END LOOP;
    FOR t IN SELECT i.indexrelid::regclass AS index FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
              WHERE c.relnamespace ::regnamespace::text IN (''public'', ''vault'', ''audit'', ''fund'', ''sanctuary'')
                AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = i.indexrelid) LOOP
        EXECUTE format(''DROP INDEX %s'', t.index);
    END LOOP;
    FOR t IN SELECT again FROM demo_taken_off WHERE turn = 5 LOOP
        EXECUTE replace(t.again, ''ENABLE TRIGGER'', ''DISABLE TRIGGER'');
    END LOOP;
END'

-- name: demo_dress
-- role: tool
DO 'DECLARE
    step text;
BEGIN
    SET LOCAL maintenance_work_mem = ''256MB'';
    FOR step IN SELECT again FROM demo_taken_off ORDER BY turn LOOP
        EXECUTE step;
    END LOOP;
END'

-- name: demo_copy_partnership
-- role: tool
COPY partnership (id, name) FROM STDIN

-- name: demo_copy_organisation
-- role: tool
COPY organisation (id, partnership_id, kind, name) FROM STDIN

-- name: demo_copy_account
-- role: tool
COPY account (id, organisation_id, username, display_name, role, password_hash) FROM STDIN

-- name: demo_copy_property
-- role: tool
COPY property (id, organisation_id, type, public_name, area_label, local_authority, outward_code, sector, residents,
               staffing, shared_access, turnaround_days) FROM STDIN

-- name: demo_copy_root_key
-- role: tool
COPY vault.root_key (id) FROM STDIN

-- name: demo_copy_data_key
-- role: tool
COPY vault.data_key (subject_id, subject_kind, organisation_id, wrapped) FROM STDIN

-- name: demo_copy_address
-- role: tool
COPY vault.property_address (property_id, sealed) FROM STDIN

-- name: demo_copy_unit
-- role: tool
COPY unit (id, property_id, organisation_id, reference, self_contained, bedrooms, max_people, cots, floor, step_free,
           wheelchair,
           adapted_bathroom, pets, min_age, oldest_boy, adult_children, mental_health, drugs, alcohol, offending, arson,
           violence, sexual_offending, nrpf, specialisms, languages, highest_risk, weekly_cost_pence, longest_stay_days)
               FROM STDIN

-- name: demo_copy_vacancy
-- role: tool
COPY vacancy (id, unit_id, organisation_id, available_from, confirmed_at, taken_at, created_at) FROM STDIN

-- name: demo_copy_void
-- role: tool
COPY void_period (id, unit_id, organisation_id, from_day, until_day, reason, cost_centre) FROM STDIN

-- name: demo_copy_household
-- role: tool
COPY household (id, reference, organisation_id, owner_id, situation, urgency, risk_level, pregnant, nrpf, pets,
                wishes,
                wished_areas, wished_specialisms, places_to_reach, languages, interpreter, wheelchair, step_free,
                ground_floor, adapted_bathroom, support_needs, wants_to_stay, perpetrator_at_home, sole_occupation,
                consent_obtainable,
                counter_allegation, bedrooms_needed, bedrooms_certain, tie_break, waiting_since, closed_at, created_at)
                    FROM STDIN

-- name: demo_copy_member
-- role: tool
COPY member (id, household_id, kind, sex, age, age_on) FROM STDIN

-- name: demo_copy_name
-- role: tool
COPY vault.person (member_id, household_id, sealed) FROM STDIN

-- name: demo_copy_unsafe
-- role: tool
COPY unsafe_place (id, household_id, kind, outward_code, sector, checked_on) FROM STDIN

-- name: demo_copy_referral
-- role: tool
COPY referral (id, household_id, organisation_id, source, state, close_reason, plan_measures,
               plan_review_on, submitted_at, triaged_at, at_home_at, closed_at, created_at) FROM STDIN

-- name: demo_copy_consent
-- role: tool
COPY consent (household_id, purpose, basis, at) FROM STDIN

-- name: demo_copy_unmet
-- role: tool
COPY unmet_need (id, household_id, organisation_id, reasons, policy_version, inputs_hash, recorded_at) FROM STDIN

-- name: demo_copy_placement
-- role: tool
COPY placement (id, vacancy_id, unit_id, organisation_id, household_id, requested_by, holder_id, state, period, held_at,
                offered_at, decided_at, arrived_on, departed_on, decline_side, decline_reason, cancel_reason,
                departure_reason, destination, policy_version, household_version, unit_version) FROM STDIN

-- name: demo_copy_event
-- role: tool
COPY audit.event (at, account_id, organisation_id, action, subject_kind, subject_id, household_id) FROM STDIN
