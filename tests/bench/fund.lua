-- wrk: approves one request for each line of a file, each once. Arguments: token, file, prefix of the idempotency keys.
dofile("tests/bench/load.lua")
local lines, at, token, prefix = {}, 0, nil, nil

function init(args)
  token, prefix = args[1], args[3]
  for line in io.lines(args[2]) do lines[#lines + 1] = line end
end

function request()
  at = at + 1
  return wrk.format("POST", "/api/v1/fund/requests/" .. lines[(at - 1) % #lines + 1] .. "/approve",
    { ["Authorization"] = "Bearer " .. token, ["Content-Type"] = "application/json", ["If-Match"] = '"1"',
      ["Idempotency-Key"] = prefix .. at }, "{}")
end
