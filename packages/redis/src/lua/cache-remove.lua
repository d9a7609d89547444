-- Removes an entry and voids the lease of its load.
-- KEYS[1] entry  KEYS[2] lease of its load
-- ARGV[1] channel for signals  ARGV[2] '1' to announce the change
-- Returns 1, or 0 when there was no entry.

--#include _entry
local loadKey = KEYS[2]
--#include _load
redis.call('DEL', loadKey)
local removed = redis.call('DEL', KEYS[1])
if holder then redis.call('PUBLISH', ARGV[1], 'v ' .. holder .. ' ' .. KEYS[1]) end
if ARGV[2] == '1' then redis.call('PUBLISH', ARGV[1], 'c - ' .. KEYS[1]) end
return removed
