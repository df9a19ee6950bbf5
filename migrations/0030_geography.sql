-- The postcode districts of the kingdom as data that can be replaced: by `haven migrate` from the shipped table,
-- by `haven geography import` from the postcodes themselves.

CREATE TABLE geography (
    id smallint PRIMARY KEY DEFAULT 1 CHECK (id = 1),
    source text NOT NULL,
    words text NOT NULL,
    taken_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE geography IS
    'The table of districts as matching reads it; district is made from it, so that both say the same.';
COMMENT ON COLUMN geography.id IS 'There is one.';
COMMENT ON COLUMN geography.source IS 'shipped, or the name of the file that was imported.';
COMMENT ON COLUMN geography.words IS 'Its lines, as in config/geography.';
COMMENT ON COLUMN geography.taken_at IS 'When it was taken up.';
SELECT guard('geography', 'open');
GRANT SELECT ON geography TO haven_board;

ALTER TABLE district ADD COLUMN neighbours outward_code[] NOT NULL DEFAULT '{}';
COMMENT ON COLUMN district.neighbours IS 'The districts beside it; each has this one among its own.';
UPDATE district d SET neighbours = ARRAY(SELECT n.neighbour FROM district_neighbour n WHERE n.district = d.code);

CREATE OR REPLACE FUNCTION unsafe_here(household uuid, in_district outward_code) RETURNS SETOF unsafe_place
LANGUAGE sql STABLE AS $$
    SELECT s.* FROM unsafe_place s JOIN policy y ON y.id = 1 LEFT JOIN district d ON d.code = in_district
     WHERE s.household_id = household AND s.ended_at IS NULL
       AND (y.unsafe_same AND coalesce(s.outward_code, split_part(s.sector, ' ', 1)) = in_district
            OR y.unsafe_neighbour AND coalesce(s.outward_code, split_part(s.sector, ' ', 1)) = ANY (d.neighbours)
            OR s.radius_cells IS NOT NULL
               AND coalesce((2 * s.cell_east - d.east_km) ^ 2 + (2 * s.cell_north - d.north_km) ^ 2
                            <= (2 * s.radius_cells + d.reach_km) ^ 2, true))
$$;
COMMENT ON FUNCTION unsafe_here IS
    'The household''s unsafe areas that include the place, or its neighbourhood. A sector or a circle counts for '
    'whole districts, so that the answer gives away no finer place. Nobody can say that a district without a '
    'centre is away from a circle.';
DELETE FROM guarded WHERE of_table = 'district_neighbour'::regclass;
DROP TABLE district_neighbour;
