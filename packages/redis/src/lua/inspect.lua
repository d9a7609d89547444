-- Lists the holders.
-- KEYS[1] holders
-- ARGV none
-- Returns {capacity, token, units, remaining ms, fence, token, …}, in no order.

--#include _now
--#include _holders
local reply = { capacity }
for token, holder in pairs(holders) do
  for _, fact in ipairs({ token, holder.units, holder.untilMs - nowMs, holder.fence }) do
    reply[#reply + 1] = fact
  end
end
return reply
