-- Stores a value if the entry has the version expected, and voids the lease of the load.
-- KEYS[1] entry  KEYS[2] lease of its load
-- ARGV[1] entry  ARGV[2] ttl in ms  ARGV[3] store ms after which to do nothing, or ''
-- ARGV[4] channel for signals  ARGV[5] token, the new version  ARGV[6] version expected, '' for no entry
-- ARGV[7] '1' to announce the change
-- Returns {'written', now, version}, {'conflict', now, version there or ''} or {'late', now}.

--#include _now
local nowMs = now + 0
if ARGV[3] ~= '' and nowMs > tonumber(ARGV[3]) then return { 'late', nowMs } end
--#include _entry
local loadKey = KEYS[2]
--#include _load
local found = version or ''
if found ~= ARGV[5] then
  if found ~= ARGV[6] then return { 'conflict', nowMs, found } end
  redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
  redis.call('DEL', loadKey)
  if holder then redis.call('PUBLISH', ARGV[4], 'v ' .. holder .. ' ' .. KEYS[1]) end
  if ARGV[7] == '1' then redis.call('PUBLISH', ARGV[4], 'c - ' .. KEYS[1]) end
end
return { 'written', nowMs, ARGV[5] }
