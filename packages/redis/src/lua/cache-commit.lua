-- Stores the loaded value if the lease is still the load's, and ends the lease.
-- KEYS[1] entry  KEYS[2] lease of its load
-- ARGV[1] token of the load  ARGV[2] entry  ARGV[3] ttl in ms  ARGV[4] channel for signals
-- ARGV[5] '1' to announce the change
-- Returns 1, or 0 when the load was fenced off.

--#include _entry
local loadKey = KEYS[2]
--#include _load
if holder ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
redis.call('DEL', loadKey)
if awaited then redis.call('PUBLISH', ARGV[4], 'f ' .. holder .. ' ' .. KEYS[1]) end
if ARGV[5] == '1' then redis.call('PUBLISH', ARGV[4], 'c - ' .. KEYS[1]) end
return 1
