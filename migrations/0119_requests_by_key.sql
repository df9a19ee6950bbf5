-- What belongs to a request of the fund is seen where the request is, and that is asked of the one request: compared
-- with all requests that its reader may see, a part of one grew with the history of the fund.

CREATE FUNCTION fund.ask_by_key() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    it regclass;
BEGIN
    FOREACH it IN ARRAY '{fund.part,fund.approval,fund.payee,fund.promise,fund.promise_line,fund.promise_pot,
            fund.overpayment,fund.deduction,fund.stay_bill}'::regclass[] LOOP
        EXECUTE format('ALTER POLICY requests ON %s USING (fund.sees_request(request_id))', it);
    END LOOP;
END $$;
SELECT fund.ask_by_key();
DROP FUNCTION fund.ask_by_key();

ALTER POLICY requests ON fund.commitment
    USING ((SELECT sees_cases()) AND cause = 'request' AND fund.sees_request(cause_id));
ALTER POLICY requests ON fund.payment USING ((SELECT sees_cases()) AND fund.sees_request(cause_id));

CREATE OR REPLACE FUNCTION fund.requested_of(of_year uuid) RETURNS bigint
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
BEGIN
    RETURN (SELECT coalesce(sum(t.amount_pence), 0)
              FROM fund.request r JOIN fund.part t ON t.request_id = r.id AND t.pot_year_id = of_year
             WHERE audit.me('account') IS NOT NULL AND r.state IN ('requested', 'second_needed')
               AND fund.request_seen(r));
END $$;
