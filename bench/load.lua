-- Sends one request again and again. Arguments: method, path, body, the first id, threads,
-- stamp. In path and body, {id} is another id and {user} another user in each request.
local threads = 0

function setup(thread)
  thread:set("number", threads)
  threads = threads + 1
end

function init(args)
  method, path, body = args[1], args[2], args[3] ~= "" and args[3] or nil
  first, total, stamp = tonumber(args[4]), tonumber(args[5]), args[6]
  index = 0
  headers = { ["Content-Type"] = "application/json", ["Authorization"] = os.getenv("AUTHORIZATION") }
  same = not body and not path:find("{", 1, true) and wrk.format(method, path, headers)
end

function request()
  if same then
    return same
  end
  local ours = index * total + number
  index = index + 1
  local values = { ["{id}"] = tostring(first + ours), ["{user}"] = stamp .. "-" .. ours }
  return wrk.format(method, path:gsub("{%a+}", values), headers, body and body:gsub("{%a+}", values))
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '\nRESULT {"requests": %d, "microseconds": %d, "p50": %d, "p99": %d, "errors": %d}\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
    errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
