-- G7a: what the least correct hold in SQL needs: a unit to lock, a vacancy, a placement that is there once, a line for
-- the audit and one for the change. No rights, no rules about the household, no policy, no answer.
CREATE TABLE bench.least_unit AS SELECT DISTINCT v.unit_id AS id FROM bench.hold h JOIN vacancy v ON v.id = h.vacancy;
ALTER TABLE bench.least_unit ADD PRIMARY KEY (id);
CREATE TABLE bench.least_vacancy AS
SELECT v.id, v.unit_id, v.withdrawn_at, v.taken_at, v.version FROM bench.hold h JOIN vacancy v ON v.id = h.vacancy;
ALTER TABLE bench.least_vacancy ADD PRIMARY KEY (id);
CREATE TABLE bench.least_placement (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    vacancy_id uuid NOT NULL,
    unit_id uuid NOT NULL,
    household_id uuid NOT NULL,
    state text NOT NULL DEFAULT 'held',
    period daterange NOT NULL,
    expires_at timestamptz NOT NULL,
    EXCLUDE USING gist (unit_id WITH =, period WITH &&) WHERE (state = 'held')
);
CREATE TABLE bench.least_event (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT now(),
    subject_id uuid NOT NULL,
    detail jsonb NOT NULL
);
CREATE TABLE bench.least_change (seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, id uuid NOT NULL);
GRANT SELECT, INSERT, UPDATE ON bench.least_unit, bench.least_vacancy, bench.least_placement, bench.least_event,
    bench.least_change TO haven_app;
