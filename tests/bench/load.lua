-- The common part of wrk's loads: requests in turn, and the line that the caller reads,
-- "RESULT requests microseconds not-2xx socket-errors p50 p99". A load fills `requests` in init(),
-- or makes its own in request().
requests = {}
local at = 0

function request()
  at = at % #requests + 1
  return requests[at]
end

function done(summary, latency)
  local e = summary.errors
  io.write(string.format("RESULT %d %d %d %d %d %d\n", summary.requests, summary.duration, e.status,
    e.connect + e.read + e.write + e.timeout, latency:percentile(50), latency:percentile(99)))
end
