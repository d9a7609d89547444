-- Lists the holders, and counts who waits.
-- KEYS[1] holders  KEYS[2] queue
-- ARGV none
-- Returns {capacity, waiters, token, units, remaining ms, fence, token, …}, in no order.

--#include _now
local token = ''
--#include _read
--#include _holders
local reply = { capacity, redis.call('LLEN', KEYS[2]) }
for each, units, sinceMs, ttlMs, fence in
  string.gmatch(table.concat(lines), '([^ ]+) (%d+) %d+ (%d+) (%d+) (%d+) [^\n]*\n')
do
  for _, fact in ipairs({ each, units, sinceMs + ttlMs - nowMs, fence }) do reply[#reply + 1] = fact end
end
return reply
