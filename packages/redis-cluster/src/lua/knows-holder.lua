-- Says how long a node, by its own clock, will know of a lease that lasts until a given time at least.
-- KEYS[1] holders
-- ARGV[1] owner token  ARGV[2] end of the lease, ms by the clock of who wrote it
-- Returns the remaining ms, 0 or less when the token holds nothing here, or only what it held before.

local time = redis.call('TIME')
local nowMs = math.floor((time[1] * 1000000 + time[2]) / 1000)
local lines = string.gmatch(redis.call('GET', KEYS[1]) or '', '([^ \n]+) %d+ %d+ (%d+) (%d+) [^\n]*\n')
for token, sinceMs, ttlMs in lines do
  local untilMs = sinceMs + ttlMs
  if token == ARGV[1] and untilMs >= tonumber(ARGV[2]) then
    return math.min(redis.call('PTTL', KEYS[1]), untilMs - nowMs)
  end
end
return 0
