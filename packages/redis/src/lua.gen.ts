// Written by scripts/embed-lua.mjs from src/lua/*.lua. Do not edit: run `pnpm embed`.

import type { Script } from './script.ts'

/** Grants a lease and mints its fence, or says why not; repeated by its holder it re-sets the TTL. A waiter is queued, and everybody ahead is served first. Returns {'granted', now, ttl, fence, kept}, {'held', now, ms to the first end, kept}, {'mismatch', now, capacity} or {'late', now}; kept = 1: the token had its place or its lease before. */
export const acquire: Script = {
  name: 'acquire',
  keys: 4,
  sha1: '5a265eb0beaffaf3f7b1ac6c97afeaf0d61d7292',
  source: `local time = redis.call('TIME')
local nowUs = time[1] * 1000000 + time[2]
local nowMs = math.floor(nowUs / 1000)
if ARGV[5] ~= '' and nowMs > tonumber(ARGV[5]) then return { 'late', nowMs } end
local holders, used, capacity = {}, 0, 1
local expired, fields = {}, redis.call('HGETALL', KEYS[1])
for i = 1, #fields, 2 do
  local units, of, fence, untilMs, to = string.match(fields[i + 1], '^(%d+):(%d+):(%d+):(%d+):?(.*)$')
  if not units then return redis.error_reply('WRONGTYPE not a lease') end
  untilMs = tonumber(untilMs)
  if untilMs > nowMs then
    units, capacity = tonumber(units), tonumber(of)
    holders[fields[i]] = { units = units, fence = fence, untilMs = untilMs, subscriber = to }
    used = used + units
  else
    expired[#expired + 1] = fields[i]
  end
end
-- After the loop: a key with a single field that is not ours stays as it is.
for _, token in ipairs(expired) do redis.call('HDEL', KEYS[1], token) end
local changed = false
local function put(token, holder, of)
  local value = holder.units .. ':' .. of .. ':' .. holder.fence .. ':' .. holder.untilMs
  if holder.subscriber ~= '' then value = value .. ':' .. holder.subscriber end
  redis.call('HSET', KEYS[1], token, value)
  holders[token], changed = holder, true
end
local function keep()
  local lastMs = 0
  for _, holder in pairs(holders) do lastMs = math.max(lastMs, holder.untilMs) end
  redis.call('PEXPIREAT', KEYS[1], lastMs)
end
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
-- Pushes for subscribers of \`told\` are collected there, channel and text in turn: they go by the reply.
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
-- Grants from the head while units fit. \`own\` is told by the reply, the others by a push; who does
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
`,
}

/** Stores the loaded value if the lease is still the load's, and ends the lease. Returns 1, or 0 when the load was fenced off. */
export const cacheCommit: Script = {
  name: 'cache-commit',
  keys: 2,
  sha1: '51750036a9bc4f181951fb2db5840167aaf38204',
  source: `local head, version = redis.call('GETRANGE', KEYS[1], 0, 64), false
if head ~= '' then
  version = string.match(string.sub(head, 2, 1 + string.byte(head)), '^[!-~]+$')
  if not version or #version ~= string.byte(head) then version = '?' end
end
local loadKey = KEYS[2]
local holder, awaited, failed, reason = unpack(redis.call('HMGET', loadKey, 't', 'w', 'x', 'r'))
if not holder and not failed and redis.call('EXISTS', loadKey) == 1 then
  return redis.error_reply('WRONGTYPE not the lease of a load')
end
if holder ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
redis.call('DEL', loadKey)
if awaited then redis.call('PUBLISH', ARGV[4], 'f ' .. holder .. ' ' .. KEYS[1]) end
return 1
`,
}

/** Stores a value if the entry has the version expected, and voids the lease of the load. Returns {'written', now, version}, {'conflict', now, version there or ''} or {'late', now}. */
export const cacheCompareAndSet: Script = {
  name: 'cache-compare-and-set',
  keys: 2,
  sha1: '390f0d17301d7078bc5c40aa7979f7ab50959ca6',
  source: `local time = redis.call('TIME')
local nowUs = time[1] * 1000000 + time[2]
local nowMs = math.floor(nowUs / 1000)
if ARGV[3] ~= '' and nowMs > tonumber(ARGV[3]) then return { 'late', nowMs } end
local head, version = redis.call('GETRANGE', KEYS[1], 0, 64), false
if head ~= '' then
  version = string.match(string.sub(head, 2, 1 + string.byte(head)), '^[!-~]+$')
  if not version or #version ~= string.byte(head) then version = '?' end
end
local loadKey = KEYS[2]
local holder, awaited, failed, reason = unpack(redis.call('HMGET', loadKey, 't', 'w', 'x', 'r'))
if not holder and not failed and redis.call('EXISTS', loadKey) == 1 then
  return redis.error_reply('WRONGTYPE not the lease of a load')
end
local found = version or ''
if found ~= ARGV[5] then
  if found ~= ARGV[6] then return { 'conflict', nowMs, found } end
  redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
  redis.call('DEL', loadKey)
  if holder then redis.call('PUBLISH', ARGV[4], 'v ' .. holder .. ' ' .. KEYS[1]) end
end
return { 'written', nowMs, ARGV[5] }
`,
}

/** Ends the load's lease without a value; the reason stays if somebody waits for it. Returns 1, or 0 when the lease is not this token's. */
export const cacheFail: Script = {
  name: 'cache-fail',
  keys: 2,
  sha1: '44c318b5a3a5ef829f4087d2adae774f643b197f',
  source: `local loadKey = KEYS[2]
local holder, awaited, failed, reason = unpack(redis.call('HMGET', loadKey, 't', 'w', 'x', 'r'))
if not holder and not failed and redis.call('EXISTS', loadKey) == 1 then
  return redis.error_reply('WRONGTYPE not the lease of a load')
end
if holder ~= ARGV[1] then return 0 end
redis.call('DEL', loadKey)
if awaited then
  redis.call('HSET', loadKey, 'x', ARGV[1], 'r', ARGV[2])
  redis.call('PEXPIRE', loadKey, ARGV[3])
  redis.call('PUBLISH', ARGV[4], 'x ' .. holder .. ' ' .. KEYS[1] .. ' ' .. ARGV[2])
end
return 1
`,
}

/** Looks again and elects one loader. Returns {'fresh', now, entry}, {'failed', now, reason}, {'won', now, vanished}, {'lost', now, vanished, remaining ms, token of the loader} or {'late', now}. */
export const cacheLease: Script = {
  name: 'cache-lease',
  keys: 2,
  sha1: '8db08e010728f5773c5ac2d6e4273642fa025855',
  source: `local time = redis.call('TIME')
local nowUs = time[1] * 1000000 + time[2]
local nowMs = math.floor(nowUs / 1000)
if ARGV[5] ~= '' and nowMs > tonumber(ARGV[5]) then return { 'late', nowMs } end
local head, version = redis.call('GETRANGE', KEYS[1], 0, 64), false
if head ~= '' then
  version = string.match(string.sub(head, 2, 1 + string.byte(head)), '^[!-~]+$')
  if not version or #version ~= string.byte(head) then version = '?' end
end
local loadKey = KEYS[2]
local holder, awaited, failed, reason = unpack(redis.call('HMGET', loadKey, 't', 'w', 'x', 'r'))
if not holder and not failed and redis.call('EXISTS', loadKey) == 1 then
  return redis.error_reply('WRONGTYPE not the lease of a load')
end
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
`,
}

/** Removes an entry and voids the lease of its load. Returns 1, or 0 when there was no entry. */
export const cacheRemove: Script = {
  name: 'cache-remove',
  keys: 2,
  sha1: '54cb5c64964344d24676940e1ada79f6c84a2dac',
  source: `local head, version = redis.call('GETRANGE', KEYS[1], 0, 64), false
if head ~= '' then
  version = string.match(string.sub(head, 2, 1 + string.byte(head)), '^[!-~]+$')
  if not version or #version ~= string.byte(head) then version = '?' end
end
local loadKey = KEYS[2]
local holder, awaited, failed, reason = unpack(redis.call('HMGET', loadKey, 't', 'w', 'x', 'r'))
if not holder and not failed and redis.call('EXISTS', loadKey) == 1 then
  return redis.error_reply('WRONGTYPE not the lease of a load')
end
redis.call('DEL', loadKey)
if holder then redis.call('PUBLISH', ARGV[1], 'v ' .. holder .. ' ' .. KEYS[1]) end
return redis.call('DEL', KEYS[1])
`,
}

/** Moves the end of the load's lease. Returns 1, or 0 when the lease is not this token's. */
export const cacheRenew: Script = {
  name: 'cache-renew',
  keys: 1,
  sha1: '055ee95a332f14e29b556f9f2ee9b931a4458988',
  source: `local loadKey = KEYS[1]
local holder, awaited, failed, reason = unpack(redis.call('HMGET', loadKey, 't', 'w', 'x', 'r'))
if not holder and not failed and redis.call('EXISTS', loadKey) == 1 then
  return redis.error_reply('WRONGTYPE not the lease of a load')
end
if holder ~= ARGV[1] then return 0 end
redis.call('PEXPIRE', loadKey, ARGV[2])
return 1
`,
}

/** Stores a value whoever loads, and voids the lease of the load. Returns {'written', now} or {'late', now}. */
export const cacheWrite: Script = {
  name: 'cache-write',
  keys: 2,
  sha1: 'c4363636d8e73bfe06c7725694efa63d830d1390',
  source: `local time = redis.call('TIME')
local nowUs = time[1] * 1000000 + time[2]
local nowMs = math.floor(nowUs / 1000)
if ARGV[3] ~= '' and nowMs > tonumber(ARGV[3]) then return { 'late', nowMs } end
local head, version = redis.call('GETRANGE', KEYS[1], 0, 64), false
if head ~= '' then
  version = string.match(string.sub(head, 2, 1 + string.byte(head)), '^[!-~]+$')
  if not version or #version ~= string.byte(head) then version = '?' end
end
local loadKey = KEYS[2]
local holder, awaited, failed, reason = unpack(redis.call('HMGET', loadKey, 't', 'w', 'x', 'r'))
if not holder and not failed and redis.call('EXISTS', loadKey) == 1 then
  return redis.error_reply('WRONGTYPE not the lease of a load')
end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
redis.call('DEL', loadKey)
if holder then redis.call('PUBLISH', ARGV[4], 'v ' .. holder .. ' ' .. KEYS[1]) end
return { 'written', nowMs }
`,
}

/** Moves the end of a lease that is still this token's, and gives it a new token; never re-creates one. Returns {'extended', now, ttl}, {'absent', now}, {'taken', now} or {'late', now}. */
export const extend: Script = {
  name: 'extend',
  keys: 1,
  sha1: '7e68a2b274d250b3c7ad791f2009ce530343467d',
  source: `local time = redis.call('TIME')
local nowUs = time[1] * 1000000 + time[2]
local nowMs = math.floor(nowUs / 1000)
if ARGV[3] ~= '' and nowMs > tonumber(ARGV[3]) then return { 'late', nowMs } end
local holders, used, capacity = {}, 0, 1
local expired, fields = {}, redis.call('HGETALL', KEYS[1])
for i = 1, #fields, 2 do
  local units, of, fence, untilMs, to = string.match(fields[i + 1], '^(%d+):(%d+):(%d+):(%d+):?(.*)$')
  if not units then return redis.error_reply('WRONGTYPE not a lease') end
  untilMs = tonumber(untilMs)
  if untilMs > nowMs then
    units, capacity = tonumber(units), tonumber(of)
    holders[fields[i]] = { units = units, fence = fence, untilMs = untilMs, subscriber = to }
    used = used + units
  else
    expired[#expired + 1] = fields[i]
  end
end
-- After the loop: a key with a single field that is not ours stays as it is.
for _, token in ipairs(expired) do redis.call('HDEL', KEYS[1], token) end
local changed = false
local function put(token, holder, of)
  local value = holder.units .. ':' .. of .. ':' .. holder.fence .. ':' .. holder.untilMs
  if holder.subscriber ~= '' then value = value .. ':' .. holder.subscriber end
  redis.call('HSET', KEYS[1], token, value)
  holders[token], changed = holder, true
end
local function keep()
  local lastMs = 0
  for _, holder in pairs(holders) do lastMs = math.max(lastMs, holder.untilMs) end
  redis.call('PEXPIREAT', KEYS[1], lastMs)
end
local token, newToken = ARGV[1], ARGV[4]
if holders[newToken] then token = newToken end
local mine = holders[token]
if not mine then return { next(holders) and 'taken' or 'absent', nowMs } end
mine.untilMs = nowMs + tonumber(ARGV[2])
-- In this order: out of memory, a server refuses the HSET unless the script has written before.
keep()
if newToken == '' then newToken = token end
-- Its old subscriber knows nothing of the new token.
if newToken ~= token then mine.subscriber = '' end
put(newToken, mine, capacity)
if newToken ~= token then redis.call('HDEL', KEYS[1], token) end
return { 'extended', nowMs, tonumber(ARGV[2]) }
`,
}

/** Lists the holders, and counts who waits. Returns {capacity, waiters, token, units, remaining ms, fence, token, …}, in no order. */
export const inspect: Script = {
  name: 'inspect',
  keys: 2,
  sha1: 'f444c2449c6e69cd607a8e49924ac3a2961d69b3',
  source: `local time = redis.call('TIME')
local nowUs = time[1] * 1000000 + time[2]
local nowMs = math.floor(nowUs / 1000)
local holders, used, capacity = {}, 0, 1
local expired, fields = {}, redis.call('HGETALL', KEYS[1])
for i = 1, #fields, 2 do
  local units, of, fence, untilMs, to = string.match(fields[i + 1], '^(%d+):(%d+):(%d+):(%d+):?(.*)$')
  if not units then return redis.error_reply('WRONGTYPE not a lease') end
  untilMs = tonumber(untilMs)
  if untilMs > nowMs then
    units, capacity = tonumber(units), tonumber(of)
    holders[fields[i]] = { units = units, fence = fence, untilMs = untilMs, subscriber = to }
    used = used + units
  else
    expired[#expired + 1] = fields[i]
  end
end
-- After the loop: a key with a single field that is not ours stays as it is.
for _, token in ipairs(expired) do redis.call('HDEL', KEYS[1], token) end
local reply = { capacity, redis.call('LLEN', KEYS[2]) }
for token, holder in pairs(holders) do
  for _, fact in ipairs({ token, holder.units, holder.untilMs - nowMs, holder.fence }) do
    reply[#reply + 1] = fact
  end
end
return reply
`,
}

/** Gives up a place in the queue, and the lease if it was granted meanwhile. Returns {'left', now}, {'released', now} or {'absent', now}. */
export const leave: Script = {
  name: 'leave',
  keys: 4,
  sha1: 'b761809a89971b1f2b21fb19a0a503a77717fb91',
  source: `local time = redis.call('TIME')
local nowUs = time[1] * 1000000 + time[2]
local nowMs = math.floor(nowUs / 1000)
local holders, used, capacity = {}, 0, 1
local expired, fields = {}, redis.call('HGETALL', KEYS[1])
for i = 1, #fields, 2 do
  local units, of, fence, untilMs, to = string.match(fields[i + 1], '^(%d+):(%d+):(%d+):(%d+):?(.*)$')
  if not units then return redis.error_reply('WRONGTYPE not a lease') end
  untilMs = tonumber(untilMs)
  if untilMs > nowMs then
    units, capacity = tonumber(units), tonumber(of)
    holders[fields[i]] = { units = units, fence = fence, untilMs = untilMs, subscriber = to }
    used = used + units
  else
    expired[#expired + 1] = fields[i]
  end
end
-- After the loop: a key with a single field that is not ours stays as it is.
for _, token in ipairs(expired) do redis.call('HDEL', KEYS[1], token) end
local changed = false
local function put(token, holder, of)
  local value = holder.units .. ':' .. of .. ':' .. holder.fence .. ':' .. holder.untilMs
  if holder.subscriber ~= '' then value = value .. ':' .. holder.subscriber end
  redis.call('HSET', KEYS[1], token, value)
  holders[token], changed = holder, true
end
local function keep()
  local lastMs = 0
  for _, holder in pairs(holders) do lastMs = math.max(lastMs, holder.untilMs) end
  redis.call('PEXPIREAT', KEYS[1], lastMs)
end
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
-- Pushes for subscribers of \`told\` are collected there, channel and text in turn: they go by the reply.
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
-- Grants from the head while units fit. \`own\` is told by the reply, the others by a push; who does
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
local left = forget(ARGV[1])
local mine = holders[ARGV[1]]
if mine then drop(ARGV[1]) end
serve()
if next(holders) then keep() end
return { left and 'left' or mine and 'released' or 'absent', nowMs }
`,
}

/** Ends the lease of this token and no other, and gives it to who waits. Returns {'released', now, channel, grant, …}, {'absent', now, …} or {'taken', now, …}. */
export const release: Script = {
  name: 'release',
  keys: 4,
  sha1: '4a9e9d5a24840a14127a7dffe8c1326b7fc7272d',
  source: `local time = redis.call('TIME')
local nowUs = time[1] * 1000000 + time[2]
local nowMs = math.floor(nowUs / 1000)
local holders, used, capacity = {}, 0, 1
local expired, fields = {}, redis.call('HGETALL', KEYS[1])
for i = 1, #fields, 2 do
  local units, of, fence, untilMs, to = string.match(fields[i + 1], '^(%d+):(%d+):(%d+):(%d+):?(.*)$')
  if not units then return redis.error_reply('WRONGTYPE not a lease') end
  untilMs = tonumber(untilMs)
  if untilMs > nowMs then
    units, capacity = tonumber(units), tonumber(of)
    holders[fields[i]] = { units = units, fence = fence, untilMs = untilMs, subscriber = to }
    used = used + units
  else
    expired[#expired + 1] = fields[i]
  end
end
-- After the loop: a key with a single field that is not ours stays as it is.
for _, token in ipairs(expired) do redis.call('HDEL', KEYS[1], token) end
local changed = false
local function put(token, holder, of)
  local value = holder.units .. ':' .. of .. ':' .. holder.fence .. ':' .. holder.untilMs
  if holder.subscriber ~= '' then value = value .. ':' .. holder.subscriber end
  redis.call('HSET', KEYS[1], token, value)
  holders[token], changed = holder, true
end
local function keep()
  local lastMs = 0
  for _, holder in pairs(holders) do lastMs = math.max(lastMs, holder.untilMs) end
  redis.call('PEXPIREAT', KEYS[1], lastMs)
end
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
-- Pushes for subscribers of \`told\` are collected there, channel and text in turn: they go by the reply.
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
-- Grants from the head while units fit. \`own\` is told by the reply, the others by a push; who does
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
for i = 2, #ARGV do told[ARGV[i]] = true end
local mine = holders[ARGV[1]]
if mine then drop(ARGV[1]) end
serve()
if next(holders) then keep() end
return { mine and 'released' or next(holders) and 'taken' or 'absent', nowMs, unpack(told) }
`,
}

/** Takes a lease from all who hold it and mints a fence greater than theirs; who waits keeps waiting. Returns {'granted', now, ttl, fence}, {'mismatch', now, capacity} or {'late', now}. */
export const steal: Script = {
  name: 'steal',
  keys: 4,
  sha1: 'b22426ea5d21ac0b16343be14bd6f39e73bdb926',
  source: `local time = redis.call('TIME')
local nowUs = time[1] * 1000000 + time[2]
local nowMs = math.floor(nowUs / 1000)
if ARGV[4] ~= '' and nowMs > tonumber(ARGV[4]) then return { 'late', nowMs } end
local holders, used, capacity = {}, 0, 1
local expired, fields = {}, redis.call('HGETALL', KEYS[1])
for i = 1, #fields, 2 do
  local units, of, fence, untilMs, to = string.match(fields[i + 1], '^(%d+):(%d+):(%d+):(%d+):?(.*)$')
  if not units then return redis.error_reply('WRONGTYPE not a lease') end
  untilMs = tonumber(untilMs)
  if untilMs > nowMs then
    units, capacity = tonumber(units), tonumber(of)
    holders[fields[i]] = { units = units, fence = fence, untilMs = untilMs, subscriber = to }
    used = used + units
  else
    expired[#expired + 1] = fields[i]
  end
end
-- After the loop: a key with a single field that is not ours stays as it is.
for _, token in ipairs(expired) do redis.call('HDEL', KEYS[1], token) end
local changed = false
local function put(token, holder, of)
  local value = holder.units .. ':' .. of .. ':' .. holder.fence .. ':' .. holder.untilMs
  if holder.subscriber ~= '' then value = value .. ':' .. holder.subscriber end
  redis.call('HSET', KEYS[1], token, value)
  holders[token], changed = holder, true
end
local function keep()
  local lastMs = 0
  for _, holder in pairs(holders) do lastMs = math.max(lastMs, holder.untilMs) end
  redis.call('PEXPIREAT', KEYS[1], lastMs)
end
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
-- Pushes for subscribers of \`told\` are collected there, channel and text in turn: they go by the reply.
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
-- Grants from the head while units fit. \`own\` is told by the reply, the others by a push; who does
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
`,
}
