-- Reads KEYS[1]: the last fence, and a line for each holder, oldest first: token, units, capacity, fence,
-- granted ms, ttl ms, subscriber. `lines` are of those that live; that of `token` is taken out, and
-- `mine` is its fence.
local held = redis.call('GET', KEYS[1]) or '0\n'
local _, to, lastFence = string.find(held, '^(%d+)\n')
if not to then return redis.error_reply('WRONGTYPE not a lease') end
local lines, from, used, capacity = {}, to + 1, 0, '1'
local firstEndMs, leftMs = math.huge, 0
local mine, myUnits, mySubscriber
while to < #held do
  local at = to + 1
  local start, last, each, units, of, fence, sinceMs, ttlMs, subscriber =
    string.find(held, '^([^ ]+) (%d+) (%d+) (%d+) (%d+) (%d+) ([^\n]*)\n', at)
  if not start then return redis.error_reply('WRONGTYPE not a lease') end
  local restMs = sinceMs + ttlMs - nowMs
  to = last
  if restMs > 0 then capacity = of end
  if restMs <= 0 or each == token then
    if from < at then lines[#lines + 1] = string.sub(held, from, at - 1) end
    from = to + 1
    if restMs > 0 then mine, myUnits, mySubscriber = fence, units, subscriber end
  else
    used = used + units
    if restMs < firstEndMs then firstEndMs = restMs end
    if restMs > leftMs then leftMs = restMs end
  end
end
if from <= to then lines[#lines + 1] = string.sub(held, from) end
