-- The waiters: KEYS[3] lists their tokens, first come first; KEYS[4] has units:capacity:grant ms:
-- enqueued ms:subscriber of each. KEYS[2] counts the fences.
local function read(token)
  local place = redis.call('HGET', KEYS[4], token) or ''
  local units, of, grantMs, sinceMs, subscriber = string.match(place, '^(%d+):(%d+):(%d+):(%d+):(.+)$')
  return tonumber(units), tonumber(of), tonumber(grantMs), sinceMs, subscriber
end
local function hold(token, units, ttlMs, push)
  local previous = redis.call('GET', KEYS[2]) or '0'
  if not string.find(previous, '^%d+$') then error('WRONGTYPE not a fence', 0) end
  local fence = math.max(tonumber(previous) + 1, nowUs)
  if push and not push(fence) then return end
  redis.call('SET', KEYS[2], string.format('%.0f', fence), 'PX', 86400000)
  put(token, { units = units, fence = fence, untilMs = nowMs + ttlMs }, capacity)
  used = used + units
end
-- Pushes for subscribers of `told` are collected there, channel and text in turn: they go by the reply.
local told = {}
local function listens(subscriber)
  return told[subscriber] or redis.call('PUBSUB', 'NUMSUB', subscriber)[2] > 0
end
local function tell(subscriber, text)
  if not told[subscriber] then return redis.call('PUBLISH', subscriber, text) > 0 end
  told[#told + 1] = subscriber
  told[#told + 1] = text
  return true
end
local function drop(token)
  used = used - holders[token].units
  holders[token] = nil
  redis.call('HDEL', KEYS[1], token)
end
-- Grants from the head while units fit. `own` is told by the reply, the others by a push; who does
-- not listen any more is skipped.
local function serve(own, ttlMs)
  while true do
    local token = redis.call('LINDEX', KEYS[3], 0)
    if not token then return end
    local units, of, grantMs, sinceMs, subscriber = read(token)
    if units and units > of - used and (token == own or listens(subscriber)) then return end
    redis.call('LPOP', KEYS[3])
    redis.call('HDEL', KEYS[4], token)
    if units then
      capacity = of
      if token == own then hold(token, units, ttlMs)
      else hold(token, units, grantMs, function(fence)
        return tell(subscriber, string.format('%s %.0f %.0f %s %.0f %s', token, fence, grantMs, sinceMs, nowMs, KEYS[1]))
      end) end
    end
  end
end
