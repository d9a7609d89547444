-- Grants a lease and mints its fence, or says why not; repeated by its holder it re-sets the TTL.
-- KEYS[1] holders  KEYS[2] fence counter
-- ARGV[1] owner token  ARGV[2] ttl in ms  ARGV[3] units  ARGV[4] capacity
-- ARGV[5] store ms after which to do nothing, or ''
-- Returns {'granted', now, ttl, fence}, {'held', now, ms to the first end},
-- {'mismatch', now, capacity} or {'late', now}.

--#include _now
if ARGV[5] ~= '' and nowMs > tonumber(ARGV[5]) then return { 'late', nowMs } end
--#include _holders
--#include _put
--#include _keep
local ttlMs, units, of = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local mine = holders[ARGV[1]]
if not mine then
  if next(holders) and capacity ~= of then return { 'mismatch', nowMs, capacity } end
  if units > of - used then
    return { 'held', nowMs, next(holders) and firstEndMs - nowMs or 'Infinity' }
  end
  local previous = redis.call('GET', KEYS[2]) or '0'
  if not string.find(previous, '^%d+$') then return redis.error_reply('WRONGTYPE not a fence') end
  mine, capacity = { units = units, fence = math.max(tonumber(previous) + 1, nowUs) }, of
  redis.call('SET', KEYS[2], string.format('%.0f', mine.fence), 'PX', 86400000)
end
mine.untilMs = nowMs + ttlMs
put(ARGV[1], mine, capacity)
keep()
return { 'granted', nowMs, ttlMs, mine.fence }
