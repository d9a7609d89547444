-- Lists the holders, and counts who waits.
-- KEYS[1] holders  KEYS[2] queue
-- ARGV none
-- Returns {capacity, waiters, token, units, remaining ms, fence, token, …}, in no order.

--#include _now
--#include _holders
local reply = { capacity, redis.call('LLEN', KEYS[2]) }
for token, holder in pairs(holders) do
  for _, fact in ipairs({ token, holder.units, holder.untilMs - nowMs, holder.fence }) do
    reply[#reply + 1] = fact
  end
end
return reply
