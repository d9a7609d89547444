-- Grants a lease and mints its fence, or says why not; repeated by its holder it re-sets the TTL.
-- A waiter is queued, and everybody ahead is served first.
-- KEYS[1] holders  KEYS[2] queue  KEYS[3] waiters
-- ARGV[1] owner token  ARGV[2] ttl in ms
-- ARGV[3] store ms after which to do nothing, or ''
-- ARGV[4] subscriber to push a later grant to, or a theft, or ''
-- ARGV[5] ttl of that grant, or '' for who does not wait
-- ARGV[6] units  ARGV[7] capacity  ARGV[8] how many fences, if several
-- From ARGV[4] on they may be missing: a lease for one is without units, capacity and more fences.
-- Returns 'granted', now, ttl, fence, kept; 'held', now, ms to the first end, kept; 'mismatch', now, capacity;
-- or 'late', now; as one text, with spaces. kept = 1: the token had its place or its lease before.

--#include _now
local limit = ARGV[3]
--#include _late
--#include _read
local token, ttlMs, subscriber = ARGV[1], ARGV[2], ARGV[4] or ''
-- Nearly always: for one, nobody has it, and nobody waits. The same as below, for half of the instructions.
local lastFence = not ARGV[6] and string.match(held, '^(%d+)\n$')
if lastFence and (ARGV.unqueued or not redis.call('LINDEX', KEYS[2], '0')) then
  local block, minted
--#include _mint
  held = minted .. '\n' .. token .. ' 1 1 ' .. now .. ' ' .. ttlMs .. ' ' .. minted .. ' ' .. subscriber .. '\n'
  redis.call('SET', KEYS[1], held, 'PX', #ttlMs > 7 and ttlMs + 0 > 86400000 and ttlMs or '86400000')
  return 'granted ' .. now .. ' ' .. ttlMs .. ' ' .. minted .. ' 0'
end

local units, asked = ARGV[6] or '1', ARGV[7] or '1'
local heard, asking, askedMs, granted = {}, token, ttlMs, nil
--#include _holders
--#include _hold
if mine then
--#include _mine
  granted, used = fence, used + myUnits
  hold(token, myUnits, ttlMs, fence, subscriber)
end
--#include _serve
local kept, isMismatch = granted and '1' or '0', false
if not granted then
  if blocked and #lines == 0 then capacity = blocked end
  isMismatch = (blocked or #lines > 0) and capacity ~= asked
  if not isMismatch and not blocked and units + used <= asked + 0 then
    capacity = asked
    local block = ARGV[8]
--#include _mint
    granted = minted
    hold(token, units, ttlMs, minted, subscriber)
  end
end
if granted or minted then
--#include _write
end
--#include _push
if granted then return 'granted ' .. now .. ' ' .. ttlMs .. ' ' .. granted .. ' ' .. kept end
if isMismatch then return 'mismatch ' .. now .. ' ' .. capacity end
local grantMs = ARGV[5] or ''
if grantMs ~= '' then
  local waiter = token .. ' ' .. units .. ' ' .. asked .. ' ' .. grantMs
      .. (ARGV[8] and 'x' .. ARGV[8] or '') .. ' ' .. now .. ' ' .. subscriber
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
