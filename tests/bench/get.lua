-- wrk: GETs the paths of a file in turn. Arguments: token, file of paths.
local requests, at = {}, 0

function init(args)
  local headers = { ["Authorization"] = "Bearer " .. args[1] }
  for line in io.lines(args[2]) do
    requests[#requests + 1] = wrk.format("GET", line, headers)
  end
end

function request()
  at = at % #requests + 1
  return requests[at]
end

function done(summary, latency)
  local e = summary.errors
  io.write(string.format("RESULT %d %d %d %d %d %d\n", summary.requests, summary.duration, e.status,
    e.connect + e.read + e.write + e.timeout, latency:percentile(50), latency:percentile(99)))
end
