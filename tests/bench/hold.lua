-- wrk: POSTs one hold for each line of a file ("vacancy household"), and starts again after the
-- last. Arguments: token, file, prefix of the idempotency keys.
dofile("tests/bench/load.lua")
local lines, at, token, prefix = {}, 0, nil, nil

function init(args)
  token, prefix = args[1], args[3]
  for line in io.lines(args[2]) do lines[#lines + 1] = line end
end

function request()
  at = at + 1
  local line = lines[(at - 1) % #lines + 1]
  return wrk.format("POST", "/api/v1/placements",
    { ["Authorization"] = "Bearer " .. token, ["Content-Type"] = "application/json", ["Idempotency-Key"] = prefix .. at },
    string.format('{"vacancy_id":"%s","household_id":"%s"}', line:sub(1, 36), line:sub(38, 73)))
end
