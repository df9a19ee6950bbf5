-- Answers to the questions of a search.

-- name: applicant_age
-- $2 years, on the day $3.
UPDATE member SET age = $2::integer, age_on = $3::date, age_exact = false
 WHERE household_id = $1::uuid AND kind = 'main' AND ended_at IS NULL
