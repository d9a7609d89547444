-- Says how long a node, by its own clock, will know of a lease.
-- KEYS[1] holders
-- ARGV[1] owner token
-- Returns the remaining ms, 0 or less when the token holds nothing here.

local time = redis.call('TIME')
local nowMs = math.floor((time[1] * 1000000 + time[2]) / 1000)
local holder = redis.call('HGET', KEYS[1], ARGV[1])
local untilMs = holder and string.match(holder, '^%d+:%d+:%d+:(%d+)') or 0
return math.min(redis.call('PTTL', KEYS[1]), tonumber(untilMs) - nowMs)
