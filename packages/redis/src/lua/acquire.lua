-- Grants a lease and mints its fence, or says why not; repeated by its holder it re-sets the TTL.
-- A waiter is queued, and everybody ahead is served first.
-- KEYS[1] holders  KEYS[2] queue  KEYS[3] waiters
-- ARGV[1] owner token  ARGV[2] ttl in ms  ARGV[3] units  ARGV[4] capacity
-- ARGV[5] store ms after which to do nothing, or ''
-- ARGV[6] subscriber to push a later grant to, or a theft, or ''
-- ARGV[7] ttl of that grant, or '' for who does not wait  ARGV[8] how many fences, if several
-- Returns 'granted', now, ttl, fence, kept; 'held', now, ms to the first end, kept; 'mismatch', now, capacity;
-- or 'late', now; as one text, with spaces. kept = 1: the token had its place or its lease before.

--#include _now
if ARGV[5] ~= '' and nowMs > ARGV[5] + 0 then return 'late ' .. now end
local token, heard, asking, askedMs, granted = ARGV[1], {}, ARGV[1], ARGV[2], nil
--#include _holders
--#include _hold
if mine then
--#include _mine
  granted, used = fence, used + myUnits
  hold(token, myUnits, ARGV[2], fence, subscriber)
end
--#include _serve
local kept, isMismatch = granted and '1' or '0', false
if not granted then
  if blocked and #lines == 0 then capacity = blocked end
  isMismatch = (blocked or #lines > 0) and capacity ~= ARGV[4]
  if not isMismatch and not blocked and ARGV[3] + used <= ARGV[4] + 0 then
    capacity = ARGV[4]
    local block = ARGV[8]
--#include _mint
    granted = minted
    hold(token, ARGV[3], ARGV[2], minted, ARGV[6])
  end
end
if granted or minted then
--#include _write
end
--#include _push
if granted then return 'granted ' .. now .. ' ' .. ARGV[2] .. ' ' .. granted .. ' ' .. kept end
if isMismatch then return 'mismatch ' .. now .. ' ' .. capacity end
if ARGV[7] ~= '' then
  local waiter = token .. ' ' .. ARGV[3] .. ' ' .. ARGV[4] .. ' ' .. ARGV[7]
      .. (ARGV[8] and 'x' .. ARGV[8] or '') .. ' ' .. now .. ' ' .. ARGV[6]
  if redis.call('HSETNX', KEYS[3], token, waiter) == 0 then kept = '1'
  else redis.call('RPUSH', KEYS[2], waiter) end
-- Who asks without waiting any more gives up its place.
else
--#include _forget
  if forgotten then kept = '1' end
end
local held = #lines > 0
-- By its own end of the lease each process that still waits has asked again, and so kept the queue.
local keepMs = held and string.format('%d', firstEndMs + 60000) or '60000'
redis.call('PEXPIRE', KEYS[2], keepMs)
redis.call('PEXPIRE', KEYS[3], keepMs)
return 'held ' .. now .. ' ' .. (held and firstEndMs or 'Infinity') .. ' ' .. kept
