-- Takes a lease from all who hold it and mints a fence greater than theirs; who waits keeps waiting.
-- KEYS[1] holders  KEYS[2] queue  KEYS[3] waiters
-- ARGV[1] owner token  ARGV[2] ttl in ms  ARGV[3] capacity
-- ARGV[4] store ms after which to do nothing, or ''  ARGV[5] subscriber to push a theft to, or ''
-- Returns 'granted', now, ttl, fence; 'mismatch', now, capacity; or 'late', now; as one text, with spaces.

--#include _now
local limit = ARGV[4]
--#include _late
local token, deposed = ARGV[1], ''
--#include _read
--#include _holders
--#include _hold
local minted, granted, block
if mine then
--#include _mine
  granted = fence
  hold(token, myUnits, ARGV[2], fence, subscriber)
else
  local head = redis.call('LINDEX', KEYS[2], '0')
  if head and #lines == 0 then capacity = string.match(head, '^[^ ]+ %d+ (%d+) ') end
  if (head or #lines > 0) and capacity ~= ARGV[3] then return 'mismatch ' .. now .. ' ' .. capacity end
  deposed, lines, leftMs, capacity = table.concat(lines), {}, 0, ARGV[3]
--#include _mint
  granted = minted
  hold(token, ARGV[3], ARGV[2], minted, ARGV[5])
end
--#include _write
if not mine then
--#include _forget
end
for each, subscriber in string.gmatch(deposed, '([^ ]+) %d+ %d+ %d+ %d+ %d+ ([^\n]*)\n') do
  -- No token begins like this, so it is no grant. Heard in the whole of a cluster: without a hash tag.
  subscriber = string.match(subscriber, '^[^{]*')
  if subscriber ~= '' then redis.call('PUBLISH', subscriber, '! ' .. each .. ' ' .. minted .. ' ' .. KEYS[1]) end
end
return 'granted ' .. now .. ' ' .. ARGV[2] .. ' ' .. granted
