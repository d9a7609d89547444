-- Grants a lease and mints its fence, or says why not; repeated by its holder it re-sets the TTL.
-- A waiter is queued, and everybody ahead is served first.
-- KEYS[1] holders  KEYS[2] fence counter  KEYS[3] queue  KEYS[4] waiters
-- ARGV[1] owner token  ARGV[2] ttl in ms  ARGV[3] units  ARGV[4] capacity
-- ARGV[5] store ms after which to do nothing, or ''
-- ARGV[6] subscriber to push a later grant to, or a theft, or ''
-- ARGV[7] ttl of that grant, or '' for who does not wait
-- Returns {'granted', now, ttl, fence, kept}, {'held', now, ms to the first end, kept},
-- {'mismatch', now, capacity} or {'late', now}; kept = 1: the token had its place or its lease before.

--#include _now
if ARGV[5] ~= '' and nowMs > tonumber(ARGV[5]) then return { 'late', nowMs } end
--#include _holders
--#include _put
--#include _keep
--#include _queue
local token, ttlMs, units, of = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
if holders[token] then
  holders[token].untilMs = nowMs + ttlMs
  put(token, holders[token], capacity)
end
local blocked = serve(token, ttlMs)
local kept = holders[token] and 1 or 0
if kept == 0 then
  if blocked and not next(holders) then capacity = blocked end
  if (blocked or next(holders)) and capacity ~= of then
    if changed then keep() end
    return { 'mismatch', nowMs, capacity }
  end
  capacity = of
  if not blocked and units <= of - used then hold(token, units, mint(), ttlMs, ARGV[6]) end
end
if changed then keep() end
if holders[token] then return { 'granted', nowMs, ttlMs, holders[token].fence, kept } end
if ARGV[7] ~= '' then
  local place = units .. ':' .. of .. ':' .. ARGV[7] .. ':' .. nowMs .. ':' .. ARGV[6]
  local waiter = token .. ' ' .. place
  if redis.call('HSETNX', KEYS[4], token, waiter) == 0 then kept = 1
  else redis.call('RPUSH', KEYS[3], waiter) end
-- Who asks without waiting any more gives up its place.
elseif forget(token) then kept = 1 end
local firstEndMs = math.huge
for _, holder in pairs(holders) do firstEndMs = math.min(firstEndMs, holder.untilMs) end
-- By its own end of the lease each process that still waits has asked again, and so kept the queue.
local keepMs = next(holders) and firstEndMs - nowMs + 60000 or 60000
redis.call('PEXPIRE', KEYS[3], keepMs)
redis.call('PEXPIRE', KEYS[4], keepMs)
return { 'held', nowMs, next(holders) and firstEndMs - nowMs or 'Infinity', kept }
