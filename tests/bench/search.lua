-- wrk: POSTs the bodies of a file in turn. Arguments: token, path, file of bodies.
dofile("tests/bench/load.lua")

function init(args)
  local headers = { ["Authorization"] = "Bearer " .. args[1], ["Content-Type"] = "application/json" }
  for line in io.lines(args[3]) do
    requests[#requests + 1] = wrk.format("POST", args[2], headers, line)
  end
end
