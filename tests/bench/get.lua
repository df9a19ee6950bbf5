-- wrk: GETs the paths of a file in turn. Arguments: token, file of paths.
dofile("tests/bench/load.lua")

function init(args)
  local headers = { ["Authorization"] = "Bearer " .. args[1] }
  for line in io.lines(args[2]) do
    requests[#requests + 1] = wrk.format("GET", line, headers)
  end
end
