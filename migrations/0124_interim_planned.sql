-- Every hold asks whether its place is interim accommodation. As a function of SQL that was planned at each hold, which
-- took a twelfth of its time.

CREATE OR REPLACE FUNCTION fund.is_interim(p placement) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT t.type = 'interim' FROM unit u JOIN property t ON t.id = u.property_id WHERE u.id = p.unit_id);
END $$;
