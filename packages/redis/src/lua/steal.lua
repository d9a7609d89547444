-- Takes a lease from all who hold it and mints a fence greater than theirs; who waits keeps waiting.
-- KEYS[1] holders  KEYS[2] fence counter  KEYS[3] queue  KEYS[4] waiters
-- ARGV[1] owner token  ARGV[2] ttl in ms  ARGV[3] capacity
-- ARGV[4] store ms after which to do nothing, or ''  ARGV[5] subscriber to push a theft to, or ''
-- Returns {'granted', now, ttl, fence}, {'mismatch', now, capacity} or {'late', now}.

--#include _now
if ARGV[4] ~= '' and nowMs > tonumber(ARGV[4]) then return { 'late', nowMs } end
--#include _holders
--#include _put
--#include _keep
--#include _queue
local token, ttlMs, of = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
if holders[token] then
  holders[token].untilMs = nowMs + ttlMs
  put(token, holders[token], capacity)
else
  local head = redis.call('LINDEX', KEYS[3], 0)
  if head and not next(holders) then capacity = tonumber(string.match(head, '^%S+ %d+:(%d+):')) end
  if (head or next(holders)) and capacity ~= of then return { 'mismatch', nowMs, capacity } end
  capacity = of
  local deposed = {}
  for each, holder in pairs(holders) do deposed[each] = holder.subscriber end
  hold(token, of, mint(), ttlMs, ARGV[5])
  forget(token)
  for each, subscriber in pairs(deposed) do
    drop(each)
    -- No token begins like this, so it is no grant. Heard in the whole of a cluster: without a hash tag.
    subscriber = string.match(subscriber, '^[^{]*')
    if subscriber ~= '' then redis.call('PUBLISH', subscriber, '! ' .. each .. ' ' .. KEYS[1]) end
  end
end
keep()
return { 'granted', nowMs, ttlMs, holders[token].fence }
