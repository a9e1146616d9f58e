-- One kind of request, as often as it goes. Arguments: kind, first id, threads, stamp.
local threads = 0

function setup(thread)
  thread:set("number", threads)
  threads = threads + 1
end

function init(args)
  kind, first, total, stamp = args[1], tonumber(args[2]), tonumber(args[3]), args[4]
  index = 0
  headers = { ["Content-Type"] = "application/json", ["Authorization"] = os.getenv("AUTHORIZATION") }
  base = wrk.path
end

function request()
  index = index + 1
  if kind == "health" then
    return wrk.format("GET", base .. "health", headers)
  elseif kind == "get" then
    return wrk.format("GET", base .. first, headers)
  elseif kind == "create" then
    local body = '{"course_id": 1, "user_id": "' .. stamp .. "-" .. number .. "-" .. index .. '"}'
    return wrk.format("POST", base, headers, body)
  end
  local id = first + (index - 1) * total + number
  return wrk.format("PATCH", base .. "paid", headers, '{"enrolment_id": ' .. id .. "}")
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '\nRESULT {"requests": %d, "microseconds": %d, "p50": %d, "p99": %d, "errors": %d}\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
    errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
