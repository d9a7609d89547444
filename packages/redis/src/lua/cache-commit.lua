-- Stores the loaded value if the lease is still the load's, and ends the lease.
-- KEYS[1] entry  KEYS[2] lease of its load
-- ARGV[1] token of the load  ARGV[2] entry  ARGV[3] ttl in ms
-- Returns 1, or 0 when the load was fenced off.

--#include _entry
local loadKey = KEYS[2]
--#include _load
if holder ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
redis.call('DEL', loadKey)
return 1
