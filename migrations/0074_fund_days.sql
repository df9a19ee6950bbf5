-- How long the fund takes: from a request to its decision, and to the first payment of it.

CREATE FUNCTION fund.days_taken()
RETURNS TABLE (begins_on date, decided bigint, decided_median numeric, decided_p90 numeric, paid bigint,
               paid_median numeric, paid_p90 numeric)
LANGUAGE plpgsql STABLE ROWS 20 SECURITY DEFINER SET search_path = public, audit, pg_temp AS $$
#variable_conflict use_column
BEGIN
    IF NOT sees_books() THEN
        RETURN;
    END IF;
    RETURN QUERY
    WITH took AS (
        SELECT r.asked_at,
               coalesce((SELECT max(a.approved_at) FROM fund.approval a
                          WHERE a.request_id = r.id AND a.content = r.content
                            AND r.state IN ('approved', 'paid', 'expired')),
                        CASE WHEN r.state IN ('rejected', 'sent_back') THEN r.decided_at END) AS decided_at,
               (SELECT min(p.booked_at) FROM fund.posting p WHERE p.cause_id = r.id AND p.act = 'confirm') AS paid_at
          FROM fund.request r WHERE r.keeper_id = my_organisation()
    ), days AS (
        SELECT date_trunc('quarter', t.decided_at AT TIME ZONE 'Europe/London')::date AS begins_on,
               extract(epoch FROM t.decided_at - t.asked_at) / 86400 AS decided,
               extract(epoch FROM t.paid_at - t.asked_at) / 86400 AS paid
          FROM took t WHERE t.decided_at IS NOT NULL
    )
    SELECT d.begins_on, count(*), round((percentile_cont(0.5) WITHIN GROUP (ORDER BY d.decided))::numeric, 1),
           round((percentile_cont(0.9) WITHIN GROUP (ORDER BY d.decided))::numeric, 1), count(d.paid),
           round((percentile_cont(0.5) WITHIN GROUP (ORDER BY d.paid))::numeric, 1),
           round((percentile_cont(0.9) WITHIN GROUP (ORDER BY d.paid))::numeric, 1)
      FROM days d GROUP BY d.begins_on ORDER BY d.begins_on DESC LIMIT 20;
END $$;
COMMENT ON FUNCTION fund.days_taken IS
    'Days from a request to its decision (the last approval that it needed, a rejection, or being sent back) and to '
    'its first confirmed payment: how many, the median, and what nine in ten were within, for each quarter in which it '
    'was decided. Of the pots of the caller''s organisation, for people who see its books.';
GRANT EXECUTE ON FUNCTION fund.days_taken TO haven_app;
