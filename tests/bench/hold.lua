-- wrk: POSTs one hold a line of a file ("vacancy household"), each line once, then the last again and
-- again (refused, and counted as such). Arguments: token, file, first line, prefix of the keys.
local lines, at, token, prefix = {}, 0, nil, nil

function init(args)
  token, prefix = args[1], args[4]
  local n = 0
  for line in io.lines(args[2]) do
    n = n + 1
    if n > tonumber(args[3]) then lines[#lines + 1] = line end
  end
end

function request()
  at = at + 1
  local line = lines[math.min(at, #lines)]
  return wrk.format("POST", "/api/v1/placements",
    { ["Authorization"] = "Bearer " .. token, ["Content-Type"] = "application/json", ["Idempotency-Key"] = prefix .. at },
    string.format('{"vacancy_id":"%s","household_id":"%s"}', line:sub(1, 36), line:sub(38, 73)))
end

function done(summary, latency)
  local e = summary.errors
  io.write(string.format("RESULT %d %d %d %d %d %d\n", summary.requests, summary.duration, e.status,
    e.connect + e.read + e.write + e.timeout, latency:percentile(50), latency:percentile(99)))
end
