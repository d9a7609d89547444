-- What is in `held`: the last fence, and a line for each holder: token, units, capacity, granted ms, ttl ms,
-- fence, subscriber. `lines` are of those that live, without that of `token`; `mine` is where its fence is.
-- Arithmetic reads a number from its digits in half the time of tonumber.
local _, to, lastFence = string.find(held, '^(%d+)\n')
if not to then return redis.error_reply('WRONGTYPE not a lease') end
local lines, from, used, capacity = {}, to + 1, 0, '1'
local firstEndMs, leftMs = math.huge, 0
local mine, myUnits
local nowMs = to < #held and (ARGV.nowMs or now + 0)
while to < #held do
  local at = to + 1
  local _, middle, each, units, of, sinceMs, ttlMs =
    string.find(held, '^([^ ]+) (%d+) (%d+) (%d+) (%d+) ', at)
  to = middle and string.find(held, '\n', middle, true)
  if not to then return redis.error_reply('WRONGTYPE not a lease') end
  local restMs = sinceMs + ttlMs - nowMs
  if restMs > 0 then capacity = of end
  if restMs <= 0 or each == token then
    if from < at then lines[#lines + 1] = string.sub(held, from, at - 1) end
    from = to + 1
    if restMs > 0 then mine, myUnits = middle + 1, units end
  else
    used = used + units
    if restMs < firstEndMs then firstEndMs = restMs end
    if restMs > leftMs then leftMs = restMs end
  end
end
if from <= to then lines[#lines + 1] = string.sub(held, from) end
