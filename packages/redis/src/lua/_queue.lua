-- The waiters, as token, space, units:capacity:grant ms:enqueued ms:subscriber: KEYS[3] lists them, first
-- come first, KEYS[4] has them by token. KEYS[2] counts the fences.
local minted
local function mint()
  local previous = minted or redis.call('GET', KEYS[2]) or '0'
  if not minted and not string.find(previous, '^%d+$') then error('WRONGTYPE not a fence', 0) end
  return string.format('%.0f', math.max(tonumber(previous) + 1, nowUs))
end
local function hold(token, units, fence, ttlMs, subscriber)
  redis.call('SET', KEYS[2], fence, 'PX', '86400000')
  minted = fence
  put(token, { units = units, fence = fence, untilMs = nowMs + ttlMs, subscriber = subscriber }, capacity)
  used = used + units
end
local function drop(token)
  used = used - holders[token].units
  -- The only holder there can be has the last fence of all.
  if capacity == 1 then minted = minted or holders[token].fence end
  holders[token] = nil
  redis.call('HDEL', KEYS[1], token)
end
-- Whether it had a place.
local function forget(token)
  local waiter = redis.call('HGET', KEYS[4], token)
  if not waiter then return false end
  redis.call('HDEL', KEYS[4], token)
  redis.call('LREM', KEYS[3], 1, waiter)
  return true
end
-- Pushes for subscribers of `told` are collected there, channel and text in turn: they go by the reply.
local told = {}
-- A channel with a hash tag is of Redis Cluster, and heard where the keys are.
local function listens(subscriber)
  local count = string.find(subscriber, '{', 1, true) and 'SHARDNUMSUB' or 'NUMSUB'
  return told[subscriber] or redis.call('PUBSUB', count, subscriber)[2] > 0
end
local function tell(subscriber, text)
  local publish = string.find(subscriber, '{', 1, true) and 'SPUBLISH' or 'PUBLISH'
  if not told[subscriber] then return redis.call(publish, subscriber, text) > 0 end
  told[#told + 1] = subscriber
  told[#told + 1] = text
  return true
end
-- Grants from the head while units fit. `own` is told by the reply, the others by a push; who does
-- not listen any more is skipped. Returns the capacity of a head that does not fit.
local function serve(own, ttlMs)
  while used < capacity do
    -- With nobody in the way whoever is first fits. Not in an acquire: after any write the server, out of
    -- memory, refuses no other.
    local taken = used == 0 and not own
    local waiter = taken and redis.call('LPOP', KEYS[3])
    if not taken then waiter = redis.call('LINDEX', KEYS[3], 0) end
    if not waiter then return end
    local token, units, of, grantMs, sinceMs, subscriber =
      string.match(waiter, '^(%S+) (%d+):(%d+):(%d+):(%d+):(.+)$')
    if token then
      units, of = tonumber(units), tonumber(of)
      if units > of - used and (token == own or listens(subscriber)) then
        if taken then
          redis.call('LPUSH', KEYS[3], waiter)
          redis.call('PEXPIRE', KEYS[3], 60000)
        end
        return of
      end
      redis.call('HDEL', KEYS[4], token)
    end
    if not taken then redis.call('LPOP', KEYS[3]) end
    if token then
      capacity = of
      local fence = mint()
      local grant = token .. ' ' .. fence .. ' ' .. grantMs .. ' ' .. sinceMs .. ' ' .. nowMs .. ' ' .. KEYS[1]
      hold(token, units, fence, token == own and ttlMs or grantMs, subscriber)
      -- Told when it is written: while a slot moves to another node, the server may refuse the writing.
      if token ~= own and not tell(subscriber, grant) then drop(token) end
    end
  end
end
