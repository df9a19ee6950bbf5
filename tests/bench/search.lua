-- wrk: POSTs the bodies of a file in turn. Arguments: token, path, file of bodies.
-- Prints "requests microseconds not-2xx socket-errors p50 p99" for the caller.
local bodies, at = {}, 0

function init(args)
  local headers = { ["Authorization"] = "Bearer " .. args[1], ["Content-Type"] = "application/json" }
  for line in io.lines(args[3]) do
    bodies[#bodies + 1] = wrk.format("POST", args[2], headers, line)
  end
end

function request()
  at = at % #bodies + 1
  return bodies[at]
end

function done(summary, latency)
  local e = summary.errors
  io.write(string.format("RESULT %d %d %d %d %d %d\n", summary.requests, summary.duration, e.status,
    e.connect + e.read + e.write + e.timeout, latency:percentile(50), latency:percentile(99)))
end
