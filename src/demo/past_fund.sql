-- What the fund did in years that are over: rows as its functions would have left them, so that
-- `haven ledger verify` finds the ledger whole. Draws depend on the case alone: two loads make the same rows.

-- name: past_draw
-- role: tool
CREATE FUNCTION pg_temp.past_draw(key text, below integer) RETURNS integer LANGUAGE sql IMMUTABLE AS
$$ SELECT abs(hashtextextended(key, 0) % below)::integer $$

-- name: past_quiet
-- role: tool
-- Triggers would tell today of what was done long ago; the ledger's own entries of the audit trail are written below.
DO 'DECLARE t regclass;
BEGIN
    FOR t IN SELECT c.oid FROM pg_class c WHERE c.relkind = ''r'' AND c.relnamespace = ''fund''::regnamespace LOOP
        EXECUTE format(''ALTER TABLE %s DISABLE TRIGGER USER'', t);
    END LOOP;
END'

-- name: past_loud
-- role: tool
DO 'DECLARE t regclass;
BEGIN
    FOR t IN SELECT c.oid FROM pg_class c WHERE c.relkind = ''r'' AND c.relnamespace = ''fund''::regnamespace LOOP
        EXECUTE format(''ALTER TABLE %s ENABLE TRIGGER USER'', t);
    END LOOP;
END'

-- name: past_keepers
-- role: tool
-- In each partnership the organisation of the finance officers keeps the pots.
CREATE TEMP TABLE past_keeper ON COMMIT DROP AS
SELECT o.partnership_id, o.id AS keeper_id, min(a.id::text) FILTER (WHERE a.role = 'finance_officer')::uuid AS payer,
       max(a.id::text) FILTER (WHERE a.role = 'finance_officer')::uuid AS checker,
       min(a.id::text) FILTER (WHERE a.role = 'finance_approver')::uuid AS approver, gen_random_uuid() AS limit_id
  FROM account a JOIN organisation o ON o.id = a.organisation_id
 GROUP BY o.id HAVING count(*) FILTER (WHERE a.role = 'finance_officer') > 1

-- name: past_pots
-- role: tool
-- $1 the data file, whose pots every keeper has; $2 since how many years.
WITH pot AS (
    INSERT INTO fund.pot (organisation_id, name, funder, categories, carry, cost_centre, gl_code, created_at)
    SELECT k.keeper_id, p.name, p.funder, p.categories, coalesce(p.carry, 'lapse'), p.cost_centre, p.gl_code,
           fund.first_day(fund.year_of(today()) - $2::integer)
      FROM past_keeper k, jsonb_to_recordset($1::jsonb -> 'fund' -> 'pots')
           AS p (name text, funder text, categories text[], carry text, cost_centre text, gl_code text)
    RETURNING id, organisation_id
), year AS (
    INSERT INTO fund.pot_year (pot_id, organisation_id, year, state, version, created_at)
    SELECT p.id, p.organisation_id, y, CASE WHEN y = fund.year_of(today()) THEN 'open'
               WHEN fund.first_day(y + 1) + 60 > today() THEN 'soft_closed' ELSE 'closed' END, 3, fund.first_day(y)
      FROM pot p, generate_series(fund.year_of(today()) - $2::integer, fund.year_of(today())) y
    RETURNING id, organisation_id
)
INSERT INTO fund.account (organisation_id, pot_year_id, kind)
SELECT y.organisation_id, y.id, k
  FROM year y, unnest(ARRAY['granted', 'recovered', 'free', 'committed', 'in_payment', 'paid', 'float', 'lapsed',
                            'carried_out']) k

-- name: past_limits
-- role: tool
INSERT INTO fund.approval_limit (id, organisation_id, role, single_pence, month_pence, set_by, from_day)
SELECT k.limit_id, k.keeper_id, 'finance_approver', 1000000, 2000000, k.payer,
       fund.first_day(fund.year_of(today()) - $1::integer)
  FROM past_keeper k

-- name: past_years
-- role: tool
CREATE TEMP TABLE past_year ON COMMIT DROP AS
SELECT y.id, y.pot_id, y.organisation_id AS keeper_id, y.year, y.state, p.name, p.categories
  FROM fund.pot_year y JOIN fund.pot p ON p.id = y.pot_id

-- name: past_works_table
-- role: tool
-- What the ledger says of works at homes, where the set has such jobs: it is promised with a job's approval.
CREATE TEMP TABLE past_works (commitment_id uuid, payment_id uuid, confirmed_by uuid, job_id uuid, household_id uuid,
                              keeper_id uuid, year_id uuid, amount bigint, at timestamptz, approver uuid,
                              paid_at timestamptz, released_at timestamptz, checker uuid) ON COMMIT DROP

-- name: past_prices
-- role: tool
-- How often which category is asked for, and for how much. The weekly ones count weeks, at the amount of one.
CREATE TEMP TABLE past_price ON COMMIT DROP AS
SELECT p.*, sum(p.often) OVER (ORDER BY p.n) AS upto
  FROM (VALUES (1, 'travel', 22, 1500, 9000, 'prepaid_card'), (2, 'food_essentials', 20, 3000, 12000, 'voucher'),
               (3, 'clothing_baby', 10, 4000, 20000, 'voucher'), (4, 'phone', 5, 2000, 8000, 'supplier'),
               (5, 'emergency_night', 6, 6000, 24000, 'supplier'),
               (6, 'rent_advance', 5, 30000, 80000, 'bank_transfer'),
               (7, 'deposit', 7, 40000, 150000, 'bank_transfer'), (8, 'removals_storage', 5, 15000, 60000, 'supplier'),
               (9, 'furniture', 8, 20000, 100000, 'supplier'), (10, 'school', 4, 3000, 15000, 'voucher'),
               (11, 'interpreting', 2, 5000, 20000, 'supplier'), (12, 'legal', 1, 10000, 60000, 'supplier'),
               (13, 'nrpf_accommodation', 3, 20000, 36000, 'supplier'),
               (14, 'nrpf_subsistence', 2, 5000, 9000, 'prepaid_card'))
       p (n, category, often, least, most, means)

-- name: past_asked
-- role: tool
-- $1 how many of a thousand cases ask the fund, once to three times; $2 whether also those that are not closed.
CREATE TEMP TABLE past_request ON COMMIT DROP AS
WITH asked AS (
    SELECT gen_random_uuid() AS id, h.id AS household_id, h.organisation_id, k.keeper_id, k.payer, k.checker,
           k.approver, k.limit_id, h.owner_id AS asked_by, h.id || '/' || n AS key,
           coalesce(h.closed_at, now()) AS until,
           h.created_at + make_interval(hours => 3 + 60 * (n - 1) + pg_temp.past_draw(h.id || 'asked' || n, 40)) AS at
      FROM household h JOIN organisation o ON o.id = h.organisation_id
      JOIN past_keeper k ON k.partnership_id = o.partnership_id
     CROSS JOIN LATERAL generate_series(1, 1 + pg_temp.past_draw(h.id || 'times', 3)) n
     WHERE pg_temp.past_draw(h.id || 'asks', 1000) < $1::integer AND h.owner_id IS NOT NULL
       AND (h.closed_at IS NOT NULL OR $2::boolean)
), priced AS (
    SELECT a.*, p.category, p.means, p.least + pg_temp.past_draw(a.key || 'pence', p.most - p.least) / 50 * 50 AS unit,
           london_day(a.at) AS day, p.category LIKE 'nrpf%' AS weekly,
           4 + pg_temp.past_draw(a.key || 'weeks', 12) AS weeks_wanted
      FROM asked a JOIN past_price p ON pg_temp.past_draw(a.key || 'what', 100) >= p.upto - p.often
                                    AND pg_temp.past_draw(a.key || 'what', 100) < p.upto
     WHERE a.at < least(a.until, now() - interval '1 hour')
), lasting AS (
    SELECT p.*, y.id AS year_id, y.year, y.state AS year_state,
           least(p.weeks_wanted, (fund.first_day(y.year + 1) - p.day - 1) / 7,
                 CASE WHEN p.until < now() THEN (london_day(p.until) - p.day) / 7 ELSE 99 END) AS weeks,
           pg_temp.past_draw(p.key || 'fate', 100) AS fate,
           p.at + make_interval(hours => 2 + pg_temp.past_draw(p.key || 'decided', 46)) AS decided_at
      FROM priced p JOIN past_year y ON y.keeper_id = p.keeper_id AND y.year = fund.year_of(p.day)
                                    AND p.category = ANY (y.categories)
                                    AND (p.category <> 'interpreting' OR y.categories[1] = 'travel')
)
SELECT l.*, l.unit * CASE WHEN l.weekly THEN l.weeks ELSE 1 END AS amount,
       CASE WHEN l.decided_at > now() THEN 'requested' WHEN l.fate < 8 THEN 'rejected' WHEN l.fate < 12 THEN 'cancelled'
            WHEN l.fate < 16 AND NOT l.weekly THEN 'given_back'
            WHEN l.fate < 19 AND NOT l.weekly AND l.at < now() - interval '150 days' THEN 'expired'
            ELSE 'approved' END AS course
  FROM lasting l WHERE NOT l.weekly OR l.weeks >= 2

-- name: past_payments
-- role: tool
-- Cards and vouchers are handed out, each by itself; what goes to an account is paid by the run of the next Thursday.
CREATE TEMP TABLE past_payment ON COMMIT DROP AS
WITH wanted AS (
    SELECT r.id AS request_id, k, r.unit AS amount, fund.has_account(r.means) AS by_run,
           CASE WHEN r.weekly THEN ((r.day + 1 + 7 * k)::timestamp + interval '11 hours') AT TIME ZONE 'Europe/London'
                ELSE r.decided_at + interval '20 hours' END AS ready_at
      FROM past_request r, generate_series(1, CASE WHEN r.weekly THEN r.weeks ELSE 1 END) k
     WHERE r.course = 'approved'
), made AS (
    SELECT w.*, CASE WHEN w.by_run THEN date_trunc('week', w.ready_at - interval '3 days') + interval '10 days 9 hours'
                     ELSE w.ready_at END AS made_at
      FROM wanted w
)
SELECT gen_random_uuid() AS id, gen_random_uuid() AS confirmed_by, m.*,
       CASE WHEN m.made_at + interval '4 days' < now() THEN m.made_at + interval '4 days' END AS settled_at
  FROM made m WHERE m.made_at < now() - interval '1 hour'

-- name: past_counted
-- role: tool
-- A table of this transaction has no statistics, and joins of such tables are slow without them.
ANALYZE past_request, past_payment, past_year, past_works

-- name: past_runs
-- role: tool
CREATE TEMP TABLE past_run ON COMMIT DROP AS
SELECT gen_random_uuid() AS id, r.keeper_id, p.made_at, min(r.payer::text)::uuid AS payer, count(*) AS payments,
       sum(p.amount) AS total, bool_and(p.settled_at IS NOT NULL) AS settled
  FROM past_payment p JOIN past_request r ON r.id = p.request_id WHERE p.by_run GROUP BY r.keeper_id, p.made_at

-- name: past_write_runs
-- role: tool
INSERT INTO fund.run (id, organisation_id, state, pay_on, payments, total_pence, made_by, made_at, frozen_by, frozen_at,
                      exported_at, version)
SELECT r.id, r.keeper_id, CASE WHEN r.settled THEN 'confirmed' ELSE 'exported' END, london_day(r.made_at) + 1,
       r.payments, r.total, r.payer, r.made_at, r.payer, r.made_at, r.made_at + interval '10 minutes', 3
  FROM past_run r ORDER BY r.made_at, r.keeper_id

-- name: past_write_requests
-- role: tool
INSERT INTO fund.request (id, household_id, organisation_id, keeper_id, category, amount_pence, means, needed_on,
                          evidence, state, asked_by, changed_by, touched, asked_at, decided_at, reason, version)
SELECT r.id, r.household_id, r.organisation_id, r.keeper_id, r.category, r.amount, r.means, r.day + 3,
       CASE WHEN NOT g.evidence THEN 'none_yet' WHEN r.category = 'deposit' THEN 'tenancy_agreement'
            WHEN r.course = 'approved' THEN 'receipt' ELSE 'quote' END,
       CASE r.course WHEN 'given_back' THEN 'cancelled'
            WHEN 'approved' THEN CASE WHEN m.paid = r.amount THEN 'paid' ELSE 'approved' END ELSE r.course END,
       r.asked_by, r.asked_by, ARRAY[r.asked_by], r.at,
       CASE WHEN r.course = 'approved' THEN coalesce(m.last, r.decided_at)
            WHEN r.course <> 'requested' THEN r.decided_at END,
       CASE r.course WHEN 'rejected' THEN (ARRAY['another_fund', 'not_eligible', 'no_money'])[1 + r.fate % 3]
            WHEN 'cancelled' THEN 'not_needed' WHEN 'given_back' THEN 'paid_otherwise' END,
       CASE r.course WHEN 'requested' THEN 1 WHEN 'approved' THEN 4 ELSE 2 END
  FROM past_request r JOIN fund.category g ON g.code = r.category
  LEFT JOIN (SELECT p.request_id, sum(p.amount) FILTER (WHERE p.settled_at IS NOT NULL) AS paid,
                    max(p.settled_at) AS last FROM past_payment p GROUP BY p.request_id) m ON m.request_id = r.id

-- name: past_write_parts
-- role: tool
INSERT INTO fund.part (request_id, n, pot_year_id, amount_pence)
SELECT r.id, 1, r.year_id, r.amount FROM past_request r

-- name: past_write_approvals
-- role: tool
INSERT INTO fund.approval (request_id, household_id, keeper_id, content, amount_pence, approved_by, approved_at,
                           limit_id)
SELECT r.id, r.household_id, r.keeper_id, 1, r.amount, r.approver, r.decided_at, r.limit_id
  FROM past_request r WHERE r.course IN ('approved', 'given_back', 'expired')

-- name: past_write_promises
-- role: tool
WITH promise AS (
    INSERT INTO fund.promise (request_id, household_id, start_on, end_on, review_on, appointment_asked_on)
    SELECT r.id, r.household_id, r.day + 1, r.day + 1 + 7 * r.weeks, r.day + 1 + least(28, 7 * r.weeks), r.day - 10
      FROM past_request r WHERE r.weekly
    RETURNING request_id
)
INSERT INTO fund.promise_line (request_id, n, member_id, component, weekly_pence, from_day, until_day)
SELECT r.id, 1, CASE WHEN r.category = 'nrpf_subsistence' THEN m.id END,
       substr(r.category, 6), r.unit, r.day + 1, r.day + 1 + 7 * r.weeks
  FROM promise p JOIN past_request r ON r.id = p.request_id
  JOIN member m ON m.household_id = r.household_id AND m.kind = 'main'

-- name: past_write_commitments
-- role: tool
CREATE TEMP TABLE past_commitment ON COMMIT DROP AS
SELECT gen_random_uuid() AS id, r.id AS request_id, r.keeper_id, r.household_id, r.year_id, r.amount AS promised,
       coalesce(p.pending, 0) AS in_payment, coalesce(p.paid, 0) AS paid,
       CASE WHEN r.course = 'approved' THEN 0 ELSE r.amount END AS released, london_day(r.decided_at) AS day,
       CASE WHEN NOT r.weekly THEN greatest(r.day + 3, london_day(r.decided_at)) + 90 END AS expires_on
  FROM past_request r
  LEFT JOIN (SELECT p.request_id, sum(p.amount) FILTER (WHERE p.settled_at IS NULL) AS pending,
                    sum(p.amount) FILTER (WHERE p.settled_at IS NOT NULL) AS paid
               FROM past_payment p GROUP BY p.request_id) p ON p.request_id = r.id
 WHERE r.course IN ('approved', 'given_back', 'expired')

-- name: past_copy_commitments
-- role: tool
INSERT INTO fund.commitment (id, organisation_id, cause, cause_id, household_id, pot_year_id, promised, open,
                             in_payment, paid, released, expires_on, committed_on)
SELECT c.id, c.keeper_id, 'request', c.request_id, c.household_id, c.year_id, c.promised,
       c.promised - c.in_payment - c.paid - c.released, c.in_payment, c.paid, c.released, c.expires_on, c.day
  FROM past_commitment c

-- name: past_written
-- role: tool
ANALYZE fund.account, past_run, past_commitment

-- name: past_work_commitments
-- role: tool
INSERT INTO fund.commitment (id, organisation_id, cause, cause_id, household_id, pot_year_id, promised, open, paid,
                             released, committed_on)
SELECT w.commitment_id, w.keeper_id, 'works_order', w.job_id, w.household_id, w.year_id, w.amount,
       CASE WHEN coalesce(w.paid_at, w.released_at) IS NULL THEN w.amount ELSE 0 END,
       CASE WHEN w.paid_at IS NOT NULL THEN w.amount ELSE 0 END,
       CASE WHEN w.released_at IS NOT NULL THEN w.amount ELSE 0 END, london_day(w.at)
  FROM past_works w

-- name: past_work_payments
-- role: tool
INSERT INTO fund.payment (id, reference, organisation_id, commitment_id, cause_id, household_id, amount_pence, means,
                          state, made_by, made_at, settled_on, settled_by, confirmed_by, version)
SELECT w.payment_id, fund.new_payment_reference(), w.keeper_id, w.commitment_id, w.job_id, w.household_id, w.amount,
       'supplier', 'confirmed', w.checker, w.paid_at, london_day(w.paid_at), w.checker, w.confirmed_by, 2
  FROM past_works w WHERE w.paid_at IS NOT NULL

-- name: past_work_vat
-- role: tool
-- What of each payment is for which order, with its VAT; a schema of before does not keep it.
DO $$
BEGIN
    IF EXISTS (SELECT FROM information_schema.columns
                WHERE table_schema = 'fund' AND table_name = 'payment' AND column_name = 'works_order_id') THEN
        UPDATE fund.payment p SET works_order_id = o.id, vat_pence = w.amount / 5
          FROM past_works w JOIN sanctuary.works_order o ON o.job_id = w.job_id WHERE p.id = w.payment_id;
        INSERT INTO fund.posting_vat
        SELECT w.confirmed_by, w.payment_id, w.amount / 5 FROM past_works w
         WHERE w.paid_at IS NOT NULL AND w.amount >= 5;
    END IF;
END $$

-- name: past_write_payees
-- role: tool
-- Their bank details are not kept: what was paid so long ago opens no more.
INSERT INTO fund.payee (id, request_id, household_id, kind, n, content, recorded_by, recorded_at, verified_by,
                        verified_at)
SELECT gen_random_uuid(), r.id, r.household_id, CASE WHEN r.category IN ('rent_advance', 'deposit') THEN 'landlord'
           ELSE 'supplier' END, 1, 1, r.asked_by, r.at, r.checker, r.decided_at
  FROM past_request r
 WHERE EXISTS (SELECT FROM past_payment p WHERE p.request_id = r.id AND p.by_run)

-- name: past_write_payments
-- role: tool
INSERT INTO fund.payment (id, reference, organisation_id, run_id, n, commitment_id, cause_id, household_id,
                          amount_pence, means, payee_id, serial, state, made_by, made_at, settled_on, settled_by,
                          confirmed_by, version)
SELECT p.id, fund.new_payment_reference(), r.keeper_id, u.id,
       CASE WHEN p.by_run THEN row_number() OVER (PARTITION BY u.id ORDER BY p.id) END, c.id, r.id, r.household_id,
       p.amount, r.means, e.id,
       CASE WHEN NOT p.by_run THEN 'P' || row_number() OVER (ORDER BY p.made_at, p.id) END,
       CASE WHEN p.settled_at IS NULL THEN 'pending' ELSE 'confirmed' END,
       CASE WHEN p.by_run THEN r.payer ELSE r.asked_by END, p.made_at, london_day(p.settled_at),
       CASE WHEN p.settled_at IS NOT NULL THEN r.checker END,
       CASE WHEN p.settled_at IS NOT NULL THEN p.confirmed_by END, CASE WHEN p.settled_at IS NULL THEN 1 ELSE 2 END
  FROM past_payment p JOIN past_request r ON r.id = p.request_id JOIN past_commitment c ON c.request_id = r.id
  LEFT JOIN past_run u ON p.by_run AND u.keeper_id = r.keeper_id AND u.made_at = p.made_at
  LEFT JOIN fund.payee e ON e.request_id = r.id AND p.by_run

-- name: past_moves
-- role: tool
-- Every movement of the ledger. A year of the past is granted what was promised of it, and a third more that lapses;
-- the present one what the data file says, where that is enough. A pot that carries has been granted what it spent.
CREATE TEMP TABLE past_move ON COMMIT DROP AS
WITH promised AS (
    SELECT r.id, 'request' AS cause, r.household_id, r.keeper_id, r.year_id, r.amount, r.decided_at AS at,
           r.approver AS person, r.course, r.asked_by
      FROM past_request r WHERE r.course IN ('approved', 'given_back', 'expired')
     UNION ALL
    SELECT w.job_id, 'works_order', w.household_id, w.keeper_id, w.year_id, w.amount, w.at, w.approver,
           CASE WHEN w.released_at IS NULL THEN 'approved' ELSE 'withdrawn' END, NULL
      FROM past_works w
), budget AS (
    SELECT y.id, y.keeper_id, y.year, y.state, p.carry,
           coalesce(sum(c.amount) FILTER (WHERE c.course = 'approved'), 0)::bigint AS kept,
           coalesce(sum(c.amount), 0)::bigint AS promised, max(j.budget_pence) AS wanted
      FROM past_year y JOIN fund.pot p ON p.id = y.pot_id LEFT JOIN promised c ON c.year_id = y.id
      LEFT JOIN jsonb_to_recordset($1::jsonb -> 'fund' -> 'pots') AS j (name text, budget_pence bigint)
             ON j.name = y.name
     GROUP BY y.id, y.keeper_id, y.year, y.state, p.carry
), granted AS (
    SELECT b.*, CASE WHEN b.state <> 'closed' THEN greatest(b.wanted, b.promised * 3 / 2)
                     WHEN b.promised = 0 THEN 0 ELSE (b.promised * 4 / 3 / 100000 + 1) * 100000 END AS pence
      FROM budget b
)
SELECT gen_random_uuid() AS id, m.* FROM (
    SELECT 'grant' AS act, 'pot_year' AS cause, g.id AS cause_id, NULL::uuid AS household_id, g.keeper_id,
           g.id AS year_id, 'granted' AS source, 'free' AS target, g.pence AS amount,
           fund.first_day(g.year)::timestamptz AS at, k.payer AS person, NULL::uuid AS confirms
      FROM granted g JOIN past_keeper k USING (keeper_id) WHERE g.pence > 0
    UNION ALL
    SELECT CASE g.carry WHEN 'carry' THEN 'grant_less' ELSE 'lapse' END, 'pot_year', g.id, NULL, g.keeper_id, g.id,
           'free', CASE g.carry WHEN 'carry' THEN 'granted' ELSE 'lapsed' END, g.pence - g.kept,
           fund.first_day(g.year + 1) + interval '58 days', k.payer, NULL
      FROM granted g JOIN past_keeper k USING (keeper_id) WHERE g.state = 'closed' AND g.pence > g.kept
    UNION ALL
    SELECT 'commit', c.cause, c.id, c.household_id, c.keeper_id, c.year_id, 'free', 'committed', c.amount, c.at,
           c.person, NULL FROM promised c
    UNION ALL
    SELECT 'release', c.cause, c.id, c.household_id, c.keeper_id, c.year_id, 'committed', 'free', c.amount,
           CASE c.course WHEN 'expired' THEN least(c.at + interval '93 days',
                                  fund.first_day(y.year + 1) + interval '50 days')
                ELSE least(c.at + interval '3 days', now()) END,
           CASE c.course WHEN 'given_back' THEN c.asked_by END, NULL
      FROM promised c JOIN past_year y ON y.id = c.year_id WHERE c.course IN ('given_back', 'expired')
    UNION ALL
    SELECT 'release', 'works_order', w.job_id, w.household_id, w.keeper_id, w.year_id, 'committed', 'free', w.amount,
           w.released_at, w.approver, NULL
      FROM past_works w WHERE w.released_at IS NOT NULL
    UNION ALL
    SELECT a.act, 'works_order', w.job_id, w.household_id, w.keeper_id, w.year_id, a.source, a.target, w.amount,
           w.paid_at + a.later, w.checker, CASE a.act WHEN 'confirm' THEN w.confirmed_by END
      FROM past_works w,
           (VALUES ('freeze', 'committed', 'in_payment', interval '0'),
                   ('confirm', 'in_payment', 'paid', interval '1 second')) a (act, source, target, later)
     WHERE w.paid_at IS NOT NULL
    UNION ALL
    SELECT 'freeze', 'request', r.id, r.household_id, r.keeper_id, r.year_id, 'committed', 'in_payment', p.amount,
           p.made_at, CASE WHEN p.by_run THEN r.payer ELSE r.asked_by END, NULL
      FROM past_payment p JOIN past_request r ON r.id = p.request_id
    UNION ALL
    SELECT 'confirm', 'request', r.id, r.household_id, r.keeper_id, r.year_id, 'in_payment', 'paid', p.amount,
           p.settled_at, r.checker, p.confirmed_by
      FROM past_payment p JOIN past_request r ON r.id = p.request_id WHERE p.settled_at IS NOT NULL) m

-- name: past_moved
-- role: tool
ANALYZE past_move, fund.payee

-- name: past_write_postings
-- role: tool
WITH moved AS (
    SELECT coalesce(m.confirms, m.id) AS posting, m.*, least(london_day(m.at), fund.first_day(y.year + 1) - 1) AS day,
           fund.digest_of(m.act, m.cause, m.cause_id, least(london_day(m.at), fund.first_day(y.year + 1) - 1),
                          ARRAY[ROW(s.id, t.id, m.amount)::fund.movement]) AS digest
      FROM past_move m JOIN past_year y ON y.id = m.year_id
      JOIN fund.account s ON s.pot_year_id = m.year_id AND s.kind = m.source
      JOIN fund.account t ON t.pot_year_id = m.year_id AND t.kind = m.target
)
INSERT INTO fund.posting (id, organisation_id, act, cause, cause_id, household_id, value_on, booked_at, account_id,
                          digest)
SELECT m.posting, m.keeper_id, m.act, m.cause, m.cause_id, m.household_id, m.day, m.at, m.person, m.digest
  FROM moved m ORDER BY m.at, m.act = 'grant' DESC, m.cause_id

-- name: past_posted
-- role: tool
ANALYZE fund.posting

-- name: past_write_transfers
-- role: tool
WITH moved AS (
    SELECT p.id, p.seq, m.year_id, s.id AS source, t.id AS target, m.amount
      FROM past_move m JOIN fund.posting p ON p.id = coalesce(m.confirms, m.id)
      JOIN fund.account s ON s.pot_year_id = m.year_id AND s.kind = m.source
      JOIN fund.account t ON t.pot_year_id = m.year_id AND t.kind = m.target
), entry AS (
    SELECT e.*, row_number() OVER w AS version, sum(e.pence) OVER w AS after
      FROM (SELECT seq, source AS account, -amount AS pence FROM moved UNION ALL
            SELECT seq, target, amount FROM moved) e
    WINDOW w AS (PARTITION BY e.account ORDER BY e.seq)
)
INSERT INTO fund.transfer (posting_id, n, seq, pot_year_id, from_account, to_account, amount, from_version, from_after,
                           to_version, to_after)
SELECT m.id, 1, m.seq, m.year_id, m.source, m.target, m.amount, f.version, f.after, t.version, t.after
  FROM moved m JOIN entry f ON f.seq = m.seq AND f.account = m.source
  JOIN entry t ON t.seq = m.seq AND t.account = m.target

-- name: past_balances
-- role: tool
UPDATE fund.account a SET balance = e.pence, version = e.n
  FROM (SELECT account, sum(pence) AS pence, count(*) AS n
          FROM (SELECT from_account AS account, -amount AS pence FROM fund.transfer UNION ALL
                SELECT to_account, amount FROM fund.transfer) x GROUP BY account) e
 WHERE e.account = a.id

-- name: past_told
-- role: tool
-- The trail has each posting with its digest, as it has those of today: the two are compared.
INSERT INTO audit.event (at, account_id, organisation_id, action, subject_kind, subject_id, household_id, detail)
SELECT p.booked_at, p.account_id, p.organisation_id, 'insert', 'posting', p.id, p.household_id,
       jsonb_build_object('act', p.act, 'cause', p.cause, 'digest', p.digest)
  FROM fund.posting p ORDER BY p.seq

-- name: past_tasks
-- role: tool
-- Approvers are asked for what nobody has decided yet.
INSERT INTO task (organisation_id, kind, about, about_id, for_role, due_on)
SELECT r.keeper_id, 'fund_decision', 'fund_request', r.id, 'finance_approver', r.day + 3
  FROM past_request r WHERE r.course = 'requested'
