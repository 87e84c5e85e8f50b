-- What wrk sends: one beat after the other, of people in turn, each claiming what the clock allows.
-- Arguments: a file of tokens, a file of bitmaps by seconds, the instant of opening, the first
-- number of a beat.

local tokens, bitmaps, opened, first = {}, {}, 0, 0
local sent = 0
refused = 0  -- read by `done`, which runs elsewhere

function init(args)
    for line in io.lines(args[1]) do tokens[#tokens + 1] = line end
    for line in io.lines(args[2]) do bitmaps[#bitmaps + 1] = line end
    opened, first = tonumber(args[3]), tonumber(args[4])
    wrk.headers["Content-Type"] = "application/json"
end

function request()
    local token = tokens[sent % #tokens + 1]
    local seq = first + math.floor(sent / #tokens)
    sent = sent + 1
    local seconds = math.min(math.floor((os.time() - opened) * 1.5) + 1, #bitmaps)
    local body = '{"token":"' .. token .. '","seq":' .. seq
        .. ',"position":7.5,"seen":"' .. bitmaps[seconds] .. '"}'
    return wrk.format("POST", "/watch/beat/", wrk.headers, body)
end

local answered

function setup(thread) answered = thread end

function response(status, headers, body)
    if status ~= 200 or not body:find('"union"', 1, true) then refused = refused + 1 end
end

function done(summary, latency, requests)
    local faults = summary.errors.connect + summary.errors.read + summary.errors.write
        + summary.errors.timeout + answered:get("refused")
    io.write(string.format(
        '\n{"count": %d, "seconds": %f, "p50": %f, "p99": %f, "refused": %d}\n',
        summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e3,
        latency:percentile(99) / 1e3, faults))
end
