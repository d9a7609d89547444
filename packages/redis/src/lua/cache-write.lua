-- Stores a value whoever loads, and voids the lease of the load.
-- KEYS[1] entry  KEYS[2] lease of its load
-- ARGV[1] entry  ARGV[2] ttl in ms  ARGV[3] store ms after which to do nothing, or ''
-- ARGV[4] channel for signals  ARGV[5] '1' to announce the change
-- Returns {'written', now} or {'late', now}.

--#include _now
local nowMs = now + 0
if ARGV[3] ~= '' and nowMs > tonumber(ARGV[3]) then return { 'late', nowMs } end
--#include _entry
local loadKey = KEYS[2]
--#include _load
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
redis.call('DEL', loadKey)
if holder then redis.call('PUBLISH', ARGV[4], 'v ' .. holder .. ' ' .. KEYS[1]) end
if ARGV[5] == '1' then redis.call('PUBLISH', ARGV[4], 'c - ' .. KEYS[1]) end
return { 'written', nowMs }
