-- Looks again and elects one loader.
-- KEYS[1] entry  KEYS[2] lease of its load
-- ARGV[1] token of this load  ARGV[2] lease in ms  ARGV[3] version read, or ''
-- ARGV[4] token of the load waited for, or ''  ARGV[5] store ms after which to do nothing, or ''
-- Returns {'fresh', now, entry}, {'failed', now, reason}, {'won', now, vanished},
-- {'lost', now, vanished, remaining ms, token of the loader} or {'late', now}.

--#include _now
local nowMs = now + 0
if ARGV[5] ~= '' and nowMs > tonumber(ARGV[5]) then return { 'late', nowMs } end
--#include _entry
local loadKey = KEYS[2]
--#include _load
if version and version ~= ARGV[3] then return { 'fresh', nowMs, redis.call('GET', KEYS[1]) } end
if failed and failed == ARGV[4] then return { 'failed', nowMs, reason } end

local vanished = (ARGV[3] ~= '' and not version) and 1 or 0
if holder and holder ~= ARGV[1] then
  redis.call('HSET', loadKey, 'w', '1')
  return { 'lost', nowMs, vanished, redis.call('PTTL', loadKey), holder }
end
redis.call('HSET', loadKey, 't', ARGV[1])
redis.call('PEXPIRE', loadKey, ARGV[2])
return { 'won', nowMs, vanished }
