-- Moves the end of the load's lease.
-- KEYS[1] lease of the load
-- ARGV[1] token of the load  ARGV[2] lease in ms
-- Returns 1, or 0 when the lease is not this token's.

local loadKey = KEYS[1]
--#include _load
if holder ~= ARGV[1] then return 0 end
redis.call('PEXPIRE', loadKey, ARGV[2])
return 1
