-- Ends the load's lease without a value; the reason stays if somebody waits for it.
-- KEYS[1] lease of the load
-- ARGV[1] token of the load  ARGV[2] reason  ARGV[3] ms to keep the reason
-- Returns 1, or 0 when the lease is not this token's.

local loadKey = KEYS[1]
--#include _load
if holder ~= ARGV[1] then return 0 end
redis.call('DEL', loadKey)
if awaited then
  redis.call('HSET', loadKey, 'x', ARGV[1], 'r', ARGV[2])
  redis.call('PEXPIRE', loadKey, ARGV[3])
end
return 1
