-- Recurring promises of the fund: so much a week, for each person, from a day to a day. A promise is a request like any
-- other: it is asked for, approved within the same limits, and committed. What it costs is computed from its lines.
--
-- The one rule of weeks, days and pence: n nights at a weekly rate r cost round_half_up(r * n / 7), counted from the
-- first night of a segment, which is one person, one component and one rate without a break. What falls due between
-- two nights is the difference of the two sums. So every set of parts adds up to the whole to the penny, and splitting
-- a period for a payment, a month or a year begins no new segment.

-- ---- codes ----

CREATE DOMAIN fund_component AS text CHECK (VALUE IN ('accommodation', 'subsistence', 'full_board', 'pregnant',
    'under_1', 'age_1_to_3'));
COMMENT ON DOMAIN fund_component IS
    'What a line of a promise is for. With full board the subsistence is less; the last three are supplements.';

CREATE DOMAIN fund_stop AS text CHECK (VALUE IN ('leave_granted', 'benefits_began', 'accommodation_ended', 'moved_away',
    'household_left', 'not_needed', 'entered_wrongly'));
COMMENT ON DOMAIN fund_stop IS 'Why a recurring promise was stopped.';

CREATE DOMAIN fund_need_end AS text CHECK (VALUE IN ('has_recourse', 'leave_granted', 'case_closed'));
COMMENT ON DOMAIN fund_need_end IS 'What of the case says that the need for weekly support has ended.';

CREATE DOMAIN fund_settling AS text CHECK (VALUE IN ('deducted', 'recovered', 'written_off'));
COMMENT ON DOMAIN fund_settling IS 'What becomes of an overpayment.';

CREATE DOMAIN fund_settle_reason AS text CHECK (VALUE IN ('agreed_with_household', 'paid_back', 'provider_refunded',
    'hardship', 'too_small', 'cannot_be_traced', 'our_mistake'));
COMMENT ON DOMAIN fund_settle_reason IS 'Why an overpayment was settled as it was.';

SELECT add_codes('fund_request_act', '{stop,review}');
SELECT add_codes('fund_outcome', '{weekly,no_rate,overlap,nothing_due}');
SELECT add_codes('task_kind', '{fund_promise_review,fund_promise_ended}');

INSERT INTO fund.request_step VALUES ('approved', 'stop', 'asker'), ('approved', 'review', 'asker'),
    ('paid', 'stop', 'asker');

-- ---- rates ----

CREATE TABLE fund.weekly_rate (
    component fund_component NOT NULL,
    from_day date NOT NULL,
    weekly_pence bigint NOT NULL CHECK (weekly_pence > 0),
    source text NOT NULL,
    checked_on date NOT NULL,
    PRIMARY KEY (component, from_day)
);
COMMENT ON TABLE fund.weekly_rate IS
    'What a week of a component is for one person, from a day until the next row of it. The operator keeps it.';
COMMENT ON COLUMN fund.weekly_rate.component IS 'The component.';
COMMENT ON COLUMN fund.weekly_rate.from_day IS 'From this night on.';
COMMENT ON COLUMN fund.weekly_rate.weekly_pence IS 'Pence a week.';
COMMENT ON COLUMN fund.weekly_rate.source IS 'Where the rate comes from.';
COMMENT ON COLUMN fund.weekly_rate.checked_on IS 'When that was last looked up; finance is warned after a year.';
SELECT guard('fund.weekly_rate', 'open');

INSERT INTO fund.weekly_rate VALUES
    ('subsistence', '2022-12-21', 4500, 'Asylum support rate as baseline: asylummatters.org, 31 Jan 2023',
     '2026-11-29'),
    ('subsistence', '2023-07-01', 4739, 'Asylum support rate as baseline: asylummatters.org, 31 Jan 2023',
     '2026-11-29'),
    ('subsistence', '2024-01-08', 4918, 'Asylum support rate as baseline: ein.org.uk, 9 Apr 2024', '2026-11-29'),
    ('full_board', '2024-01-08', 886, 'Asylum support rate as baseline: ein.org.uk, 9 Apr 2024', '2026-11-29'),
    ('pregnant', '2024-01-08', 525, 'Asylum support, section 95: nrpfnetwork.org.uk', '2026-11-29'),
    ('under_1', '2024-01-08', 950, 'Asylum support, section 95: nrpfnetwork.org.uk', '2026-11-29'),
    ('age_1_to_3', '2024-01-08', 525, 'Asylum support, section 95: nrpfnetwork.org.uk', '2026-11-29');

CREATE FUNCTION fund.weeks_cost(weekly bigint, nights integer) RETURNS bigint LANGUAGE sql IMMUTABLE AS
$$ SELECT (2 * weekly * greatest(nights, 0) + 7) / 14 $$;
COMMENT ON FUNCTION fund.weeks_cost IS
    'Pence of so many nights of a segment at a weekly rate: rounded half up, once, from the first night on.';
GRANT EXECUTE ON FUNCTION fund.weeks_cost TO haven_app;

-- ---- promises ----

CREATE TABLE fund.promise (
    request_id uuid PRIMARY KEY REFERENCES fund.request,
    household_id uuid NOT NULL REFERENCES household,
    start_on date NOT NULL,
    end_on date NOT NULL,
    review_on date NOT NULL,
    appointment_asked_on date,
    need_ended_on date,
    need_ended_as fund_need_end,
    stopped_on date,
    stop_reason fund_stop,
    stopped_by uuid REFERENCES account,
    stopped_at timestamptz,
    CONSTRAINT promise_period CHECK (end_on > start_on AND end_on <= start_on + 732),
    CONSTRAINT promise_reviewed CHECK (review_on BETWEEN start_on AND end_on),
    CONSTRAINT promise_need CHECK ((need_ended_on IS NULL) = (need_ended_as IS NULL)),
    CONSTRAINT promise_stopped CHECK ((stopped_on IS NULL) = (stop_reason IS NULL)
                                      AND stopped_on BETWEEN start_on AND end_on)
);
COMMENT ON TABLE fund.promise IS
    'A request for support by the week. The first night of its weeks is the day on which each instalment is due.';
COMMENT ON COLUMN fund.promise.request_id IS 'The request; its amount is that of the whole promised period.';
COMMENT ON COLUMN fund.promise.household_id IS 'The household.';
COMMENT ON COLUMN fund.promise.start_on IS 'The first night.';
COMMENT ON COLUMN fund.promise.end_on IS 'The day after the last night.';
COMMENT ON COLUMN fund.promise.review_on IS 'When the need is looked at again.';
COMMENT ON COLUMN fund.promise.appointment_asked_on IS
    'When an appointment for immigration advice was asked for; NULL: it was not, or is not known.';
COMMENT ON COLUMN fund.promise.need_ended_on IS
    'The day on which the case said that the need has ended, while the promise goes on.';
COMMENT ON COLUMN fund.promise.need_ended_as IS 'What of the case said so.';
COMMENT ON COLUMN fund.promise.stopped_on IS 'The first night that is not paid for any more; it may be in the past.';
COMMENT ON COLUMN fund.promise.stop_reason IS 'Why it was stopped.';
COMMENT ON COLUMN fund.promise.stopped_by IS 'The person who stopped it.';
COMMENT ON COLUMN fund.promise.stopped_at IS 'When.';
CREATE INDEX promise_household ON fund.promise (household_id, start_on);
CREATE INDEX promise_live ON fund.promise (end_on) WHERE stopped_on IS NULL;
CREATE INDEX promise_past_need ON fund.promise (need_ended_on)
    WHERE need_ended_on IS NOT NULL AND stopped_on IS NULL;
SELECT guard('fund.promise', 'alone', erase => 'kept');
CREATE POLICY requests ON fund.promise FOR SELECT TO haven_app USING (request_id IN (SELECT r.id FROM fund.request r));

CREATE TABLE fund.promise_line (
    request_id uuid NOT NULL REFERENCES fund.promise,
    n smallint NOT NULL CHECK (n > 0),
    member_id uuid REFERENCES member,
    component fund_component NOT NULL,
    weekly_pence bigint NOT NULL CHECK (weekly_pence > 0),
    from_day date NOT NULL,
    until_day date NOT NULL,
    PRIMARY KEY (request_id, n),
    CONSTRAINT line_period CHECK (until_day > from_day),
    CONSTRAINT line_of CHECK ((component = 'accommodation') = (member_id IS NULL)),
    CONSTRAINT line_once EXCLUDE USING gist (request_id WITH =, (coalesce(member_id, request_id)) WITH =,
        (component::text) WITH =, daterange(from_day, until_day) WITH &&)
);
COMMENT ON TABLE fund.promise_line IS
    'A segment of a promise: one person, one component, one rate, without a break. Rows are only added.';
COMMENT ON COLUMN fund.promise_line.request_id IS 'The promise.';
COMMENT ON COLUMN fund.promise_line.n IS 'Order.';
COMMENT ON COLUMN fund.promise_line.member_id IS 'The person; NULL for accommodation, which is the household''s.';
COMMENT ON COLUMN fund.promise_line.component IS 'What it is for.';
COMMENT ON COLUMN fund.promise_line.weekly_pence IS 'Pence a week.';
COMMENT ON COLUMN fund.promise_line.from_day IS 'The first night.';
COMMENT ON COLUMN fund.promise_line.until_day IS 'The day after the last night.';
SELECT guard('fund.promise_line', 'alone', recorded => false);
CREATE POLICY requests ON fund.promise_line FOR SELECT TO haven_app
    USING (request_id IN (SELECT r.id FROM fund.request r));

CREATE FUNCTION fund.nights_of(l fund.promise_line, until_night date) RETURNS integer LANGUAGE sql IMMUTABLE AS
$$ SELECT greatest(least(until_night, l.until_day) - l.from_day, 0) $$;
COMMENT ON FUNCTION fund.nights_of IS 'The nights of a line before a day.';
GRANT EXECUTE ON FUNCTION fund.nights_of TO haven_app;

CREATE FUNCTION fund.line_cost(l fund.promise_line, from_night date, until_night date) RETURNS bigint
LANGUAGE sql IMMUTABLE AS $$
    SELECT fund.weeks_cost(l.weekly_pence, fund.nights_of(l, greatest(from_night, until_night)))
           - fund.weeks_cost(l.weekly_pence, fund.nights_of(l, from_night))
$$;
COMMENT ON FUNCTION fund.line_cost IS 'Pence of a line for the nights from a day until before a day.';
GRANT EXECUTE ON FUNCTION fund.line_cost TO haven_app;

CREATE FUNCTION fund.cost_between(promise uuid, from_night date, until_night date) RETURNS bigint
LANGUAGE sql STABLE AS $$
    SELECT coalesce(sum(fund.line_cost(l, from_night, until_night)), 0)::bigint FROM fund.promise_line l
     WHERE l.request_id = promise
$$;
COMMENT ON FUNCTION fund.cost_between IS 'Pence of a promise for the nights from a day until before a day.';
GRANT EXECUTE ON FUNCTION fund.cost_between TO haven_app;

CREATE FUNCTION fund.ends_on(p fund.promise) RETURNS date LANGUAGE sql IMMUTABLE AS
$$ SELECT coalesce(p.stopped_on, p.end_on) $$;
COMMENT ON FUNCTION fund.ends_on IS 'The day after the last night that a promise pays for, as it stands.';
GRANT EXECUTE ON FUNCTION fund.ends_on TO haven_app;

-- ---- what is too much, and what is kept back for it ----

CREATE TABLE fund.overpayment (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    request_id uuid NOT NULL REFERENCES fund.promise,
    commitment_id uuid NOT NULL REFERENCES fund.commitment,
    household_id uuid NOT NULL REFERENCES household,
    keeper_id uuid NOT NULL REFERENCES organisation,
    line smallint NOT NULL,
    nights integer NOT NULL CHECK (nights > 0),
    amount_pence bigint NOT NULL CHECK (amount_pence > 0),
    cause fund_stop NOT NULL,
    found_on date NOT NULL DEFAULT today(),
    deducted_pence bigint NOT NULL DEFAULT 0 CHECK (deducted_pence >= 0),
    recovered_pence bigint NOT NULL DEFAULT 0 CHECK (recovered_pence >= 0),
    written_off_pence bigint NOT NULL DEFAULT 0 CHECK (written_off_pence >= 0),
    unpaid_pence bigint NOT NULL DEFAULT 0 CHECK (unpaid_pence >= 0),
    reason fund_settle_reason,
    settled_by uuid REFERENCES account,
    settled_at timestamptz,
    version integer NOT NULL DEFAULT 1,
    FOREIGN KEY (request_id, line) REFERENCES fund.promise_line,
    CONSTRAINT overpayment_settled CHECK (deducted_pence + recovered_pence + written_off_pence + unpaid_pence
                                           <= amount_pence)
);
COMMENT ON TABLE fund.overpayment IS
    'Nights that were paid for in advance and are not due: a payment is never negative, and a past one never changes.';
COMMENT ON COLUMN fund.overpayment.id IS 'Identity.';
COMMENT ON COLUMN fund.overpayment.request_id IS 'The promise out of which they were paid.';
COMMENT ON COLUMN fund.overpayment.commitment_id IS 'The part of it in one pot''s year.';
COMMENT ON COLUMN fund.overpayment.household_id IS 'The household.';
COMMENT ON COLUMN fund.overpayment.keeper_id IS 'The organisation that keeps the pot.';
COMMENT ON COLUMN fund.overpayment.line IS 'The line of the promise: the person and what it was for.';
COMMENT ON COLUMN fund.overpayment.nights IS 'How many nights.';
COMMENT ON COLUMN fund.overpayment.amount_pence IS 'Pence.';
COMMENT ON COLUMN fund.overpayment.cause IS 'Why they are not due.';
COMMENT ON COLUMN fund.overpayment.found_on IS 'When it was found.';
COMMENT ON COLUMN fund.overpayment.deducted_pence IS 'Pence kept back from later instalments.';
COMMENT ON COLUMN fund.overpayment.recovered_pence IS 'Pence that came back.';
COMMENT ON COLUMN fund.overpayment.written_off_pence IS 'Pence that are not asked back.';
COMMENT ON COLUMN fund.overpayment.unpaid_pence IS
    'Pence of a payment that the bank returned, or that was taken out of its run: they were not paid after all.';
COMMENT ON COLUMN fund.overpayment.reason IS 'Why it was settled as it was.';
COMMENT ON COLUMN fund.overpayment.settled_by IS 'The person who settled it last.';
COMMENT ON COLUMN fund.overpayment.settled_at IS 'When.';
COMMENT ON COLUMN fund.overpayment.version IS 'Grows by one with each change; the ETag.';
CREATE INDEX overpayment_request ON fund.overpayment (request_id, id);
CREATE INDEX overpayment_open ON fund.overpayment (keeper_id, found_on, id)
    WHERE deducted_pence + recovered_pence + written_off_pence + unpaid_pence < amount_pence;
SELECT guard('fund.overpayment', 'alone', erase => 'kept');
CREATE POLICY requests ON fund.overpayment FOR SELECT TO haven_app
    USING (request_id IN (SELECT r.id FROM fund.request r));

CREATE TABLE fund.deduction (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    overpayment_id uuid NOT NULL REFERENCES fund.overpayment,
    request_id uuid NOT NULL REFERENCES fund.promise,
    commitment_id uuid NOT NULL REFERENCES fund.commitment,
    amount_pence bigint NOT NULL CHECK (amount_pence > 0),
    made_by uuid NOT NULL REFERENCES account,
    made_on date NOT NULL DEFAULT today()
);
COMMENT ON TABLE fund.deduction IS
    'What is kept back from the next instalments of a promise for an overpayment of the same household: a line that '
    'the payment shows.';
COMMENT ON COLUMN fund.deduction.id IS 'Identity.';
COMMENT ON COLUMN fund.deduction.overpayment_id IS 'The overpayment.';
COMMENT ON COLUMN fund.deduction.request_id IS 'The promise from whose instalments it is kept back.';
COMMENT ON COLUMN fund.deduction.commitment_id IS 'The part of it in one pot''s year.';
COMMENT ON COLUMN fund.deduction.amount_pence IS 'Pence.';
COMMENT ON COLUMN fund.deduction.made_by IS 'The person who decided so.';
COMMENT ON COLUMN fund.deduction.made_on IS 'When.';
CREATE INDEX deduction_commitment ON fund.deduction (commitment_id);
CREATE INDEX deduction_overpayment ON fund.deduction (overpayment_id);
CREATE INDEX deduction_request ON fund.deduction (request_id);
SELECT guard('fund.deduction', 'alone');
CREATE POLICY requests ON fund.deduction FOR SELECT TO haven_app
    USING (request_id IN (SELECT r.id FROM fund.request r));

CREATE FUNCTION fund.deducted(commitment uuid) RETURNS bigint LANGUAGE sql STABLE AS
$$ SELECT coalesce(sum(d.amount_pence), 0)::bigint FROM fund.deduction d WHERE d.commitment_id = commitment $$;
COMMENT ON FUNCTION fund.deducted IS 'Pence kept back from the instalments of a commitment.';

-- ---- what is due ----

CREATE FUNCTION fund.paid_ahead_to(p fund.promise, on_day date) RETURNS date LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN on_day < p.start_on THEN p.start_on
                ELSE least(p.start_on + 7 * ((on_day - p.start_on) / 7 + 1), fund.ends_on(p)) END
$$;
COMMENT ON FUNCTION fund.paid_ahead_to IS
    'The day after the last night that the instalments due by a day pay for: weeks in advance, each on the weekday of '
    'the first night.';
GRANT EXECUTE ON FUNCTION fund.paid_ahead_to TO haven_app;

CREATE FUNCTION fund.entitled(one fund.commitment, p fund.promise, until_night date) RETURNS bigint
LANGUAGE sql STABLE AS $$
    SELECT fund.cost_between(p.request_id, fund.first_day(y.year), least(until_night, fund.first_day(y.year + 1)))
           - fund.deducted(one.id)
      FROM fund.pot_year y WHERE y.id = one.pot_year_id
$$;
COMMENT ON FUNCTION fund.entitled IS
    'Pence of a commitment for the nights of its year before a day, less what is kept back; below zero where more is '
    'kept back than has fallen due.';

CREATE OR REPLACE FUNCTION fund.due_by(one fund.commitment, on_day date) RETURNS bigint LANGUAGE plpgsql STABLE AS $$
DECLARE
    p fund.promise;
BEGIN
    SELECT * INTO p FROM fund.promise s WHERE s.request_id = one.cause_id;
    IF NOT FOUND THEN
        RETURN one.promised - one.released;
    END IF;
    RETURN greatest(0, least(fund.entitled(one, p, fund.paid_ahead_to(p, on_day)), one.promised - one.released));
END $$;
COMMENT ON FUNCTION fund.due_by IS
    'Pence of a commitment that may have been paid, all together, by a day. Of a recurring promise: the instalments, '
    'weekly in advance, less what is kept back for an overpayment; so what is kept back comes off the next ones.';
GRANT EXECUTE ON FUNCTION fund.due_by TO haven_app;
