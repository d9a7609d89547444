// Written by scripts/embed-lua.mjs from src/lua/*.lua. Do not edit: run `pnpm embed`.

import type { Script } from './script.ts'

/** Grants leases as acquire does, one after the other. Returns as _each says, of what acquire returns. */
export const acquireEach: Script = {
  name: 'acquire-each',
  keys: 3,
  sha1: 'b1ae2087887a2c9bc535e890aa3d58c3a6c53348',
  source: `local size = 3
local function run(KEYS, ARGV)
local nowUs, now = ARGV.nowUs, ARGV.now
if not nowUs then
  local time = redis.call('TIME')
  local micros = time[2]
  if #micros < 6 then micros = string.sub('00000' .. micros, -6) end
  nowUs = time[1] .. micros
  now = string.sub(nowUs, 1, -4)
end
local limit = ARGV[3]
if limit and limit ~= '' and (#now > #limit or #now == #limit and now > limit) then return 'late ' .. now end
local held = ARGV.held or redis.call('GET', KEYS[1]) or '0\\n'
local token, ttlMs, subscriber = ARGV[1], ARGV[2], ARGV[4] or ''
-- Nearly always: for one, nobody has it, and nobody waits. The same as below, for half of the instructions.
local lastFence = not ARGV[6] and string.match(held, '^(%d+)\\n$')
if lastFence and (ARGV.unqueued or not redis.call('LINDEX', KEYS[2], '0')) then
  local block, minted
local isPast = #lastFence < #nowUs or #lastFence == #nowUs and lastFence < nowUs
minted = isPast and nowUs or string.format('%.0f', lastFence + 1)
lastFence = block and string.format('%.0f', minted + block - 1) or minted
  held = minted .. '\\n' .. token .. ' 1 1 ' .. now .. ' ' .. ttlMs .. ' ' .. minted .. ' ' .. subscriber .. '\\n'
  redis.call('SET', KEYS[1], held, 'PX', #ttlMs > 7 and ttlMs + 0 > 86400000 and ttlMs or '86400000')
  return 'granted ' .. now .. ' ' .. ttlMs .. ' ' .. minted .. ' 0'
end

local units, asked = ARGV[6] or '1', ARGV[7] or '1'
local heard, asking, askedMs, granted = {}, token, ttlMs, nil
local _, to, lastFence = string.find(held, '^(%d+)\\n')
if not to then return redis.error_reply('WRONGTYPE not a lease') end
local lines, from, used, capacity = {}, to + 1, 0, '1'
local firstEndMs, leftMs = math.huge, 0
local mine, myUnits
local nowMs = to < #held and (ARGV.nowMs or now + 0)
while to < #held do
  local at = to + 1
  local _, middle, each, units, of, sinceMs, ttlMs =
    string.find(held, '^([^ ]+) (%d+) (%d+) (%d+) (%d+) ', at)
  to = middle and string.find(held, '\\n', middle, true)
  if not to then return redis.error_reply('WRONGTYPE not a lease') end
  local restMs = sinceMs + ttlMs - nowMs
  if restMs > 0 then capacity = of end
  if restMs <= 0 or each == token then
    if from < at then lines[#lines + 1] = string.sub(held, from, at - 1) end
    from = to + 1
    if restMs > 0 then mine, myUnits = middle + 1, units end
  else
    used = used + units
    if restMs < firstEndMs then firstEndMs = restMs end
    if restMs > leftMs then leftMs = restMs end
  end
end
if from <= to then lines[#lines + 1] = string.sub(held, from) end
local function hold(each, units, ttlMs, fence, subscriber)
  lines[#lines + 1] = each .. ' ' .. units .. ' ' .. capacity .. ' ' .. now .. ' ' .. ttlMs .. ' ' .. fence
    .. ' ' .. subscriber .. '\\n'
  local restMs = ttlMs + 0
  if restMs < firstEndMs then firstEndMs = restMs end
  if restMs > leftMs then leftMs = restMs end
end
if mine then
local fence, subscriber = string.match(held, '^(%d+) ([^\\n]*)', mine)
  granted, used = fence, used + myUnits
  hold(token, myUnits, ttlMs, fence, subscriber)
end
local blocked, minted, told, pushed
local size = used == 0 and math.huge or capacity + 0
while used < size and not ARGV.unqueued do
  -- With nobody in the way whoever is first fits. Not in an acquire: after any write the server, out of
  -- memory, refuses no other.
  local taken = used == 0 and not asking
  local waiter = taken and redis.call('LPOP', KEYS[2])
  if not taken then waiter = redis.call('LINDEX', KEYS[2], '0') end
  if not waiter then break end
  local each, units, of, grantMs, fences, sinceMs, subscriber =
    string.match(waiter, '^([^ ]+) (%d+) (%d+) (%d+)x?(%d*) (%d+) (.+)$')
  local alive = each and (each == asking or heard[subscriber])
  if each and not alive then
    -- A channel with a hash tag is of Redis Cluster, and heard where the keys are.
    local count = string.find(subscriber, '{', 1, true) and 'SHARDNUMSUB' or 'NUMSUB'
    alive = redis.call('PUBSUB', count, subscriber)[2] > 0
  end
  if alive then
    size, used = of + 0, used + units
    if used > size then
      blocked = of
      if taken then
        redis.call('LPUSH', KEYS[2], waiter)
        redis.call('PEXPIRE', KEYS[2], 60000)
      end
      break
    end
  end
  if each then redis.call('HDEL', KEYS[3], each) end
  if not taken then redis.call('LPOP', KEYS[2]) end
  if alive then
    capacity = of
    local block = fences ~= '' and fences
local isPast = #lastFence < #nowUs or #lastFence == #nowUs and lastFence < nowUs
minted = isPast and nowUs or string.format('%.0f', lastFence + 1)
lastFence = block and string.format('%.0f', minted + block - 1) or minted
local function hold(each, units, ttlMs, fence, subscriber)
  lines[#lines + 1] = each .. ' ' .. units .. ' ' .. capacity .. ' ' .. now .. ' ' .. ttlMs .. ' ' .. fence
    .. ' ' .. subscriber .. '\\n'
  local restMs = ttlMs + 0
  if restMs < firstEndMs then firstEndMs = restMs end
  if restMs > leftMs then leftMs = restMs end
end
    hold(each, units, each == asking and askedMs or grantMs, minted, subscriber)
    if each == asking then
      granted = minted
    else
      if not told then told, pushed = {}, {} end
      local list = heard[subscriber] and told or pushed
      list[#list + 1] = subscriber
      list[#list + 1] = each .. ' ' .. minted .. ' ' .. grantMs .. ' ' .. sinceMs .. ' ' .. now .. ' ' .. KEYS[1]
    end
  end
end
local kept, isMismatch = granted and '1' or '0', false
if not granted then
  if blocked and #lines == 0 then capacity = blocked end
  isMismatch = (blocked or #lines > 0) and capacity ~= asked
  if not isMismatch and not blocked and units + used <= asked + 0 then
    capacity = asked
    local block = ARGV[8]
local isPast = #lastFence < #nowUs or #lastFence == #nowUs and lastFence < nowUs
minted = isPast and nowUs or string.format('%.0f', lastFence + 1)
lastFence = block and string.format('%.0f', minted + block - 1) or minted
    granted = minted
    hold(token, units, ttlMs, minted, subscriber)
  end
end
if granted or minted then
if #lines == 0 then
  -- A day from its grant, and not to be reckoned again.
  redis.call('SET', KEYS[1], lastFence .. '\\n', 'KEEPTTL')
else
  held = lastFence .. '\\n' .. table.concat(lines)
  redis.call('SET', KEYS[1], held, 'PX', leftMs > 86400000 and leftMs or '86400000')
end
end
for i = 1, pushed and #pushed or 0, 2 do
  local publish = string.find(pushed[i], '{', 1, true) and 'SPUBLISH' or 'PUBLISH'
  redis.call(publish, pushed[i], pushed[i + 1])
end
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
local forgotten = redis.call('HGET', KEYS[3], token)
if forgotten then
  redis.call('HDEL', KEYS[3], token)
  redis.call('LREM', KEYS[2], 1, forgotten)
end
  if forgotten then kept = '1' end
end
local held = #lines > 0
-- By its own end of the lease each process that still waits has asked again, and so kept the queue.
local keepMs = held and string.format('%d', firstEndMs + 60000) or '60000'
redis.call('PEXPIRE', KEYS[2], keepMs)
redis.call('PEXPIRE', KEYS[3], keepMs)
return 'held ' .. now .. ' ' .. (held and firstEndMs or 'Infinity') .. ' ' .. kept
end
local nowUs, now = ARGV.nowUs, ARGV.now
if not nowUs then
  local time = redis.call('TIME')
  local micros = time[2]
  if #micros < 6 then micros = string.sub('00000' .. micros, -6) end
  nowUs = time[1] .. micros
  now = string.sub(nowUs, 1, -4)
end
local lines, others = {}, { '' }
local names, queues, seen = {}, {}, {}
for key = 1, #KEYS, size do
  names[#names + 1] = KEYS[key]
  queues[#queues + 1] = KEYS[key + 1]
end
-- Read at once what nearly always is all that there is to read. What is no text is told from nothing later.
local held = redis.call('MGET', unpack(names))
local queued = size > 1 and redis.call('EXISTS', unpack(queues)) > 0
local count = tonumber(ARGV[1])
local args, keys, own = { unpack(ARGV, 2, count + 1) }, {}, {}
args.nowUs, args.now, args.nowMs = nowUs, now, now + 0
for nth = 1, tonumber(ARGV[count + 2]) do own[nth] = tonumber(ARGV[count + 2 + nth]) end
local at = count + 3 + #own
for i = 1, #names do
  for nth = 1, size do keys[nth] = KEYS[(i - 1) * size + nth] end
  if i > 1 then
    for nth = 1, #own do args[own[nth]] = ARGV[at + nth - 1] end
    at = at + #own
  end
  -- Of a name that was here before, all is read again.
  local again = seen[names[i]]
  seen[names[i]] = true
  args.held, args.unqueued = not again and held[i], not again and not queued
  local done, reply = pcall(run, keys, args)
  if done and type(reply) == 'string' then
    lines[i] = reply
  else
    lines[i] = ''
    -- Before version 7 an error is a text.
    local why = type(reply) == 'string' and reply or reply.err
    others[#others + 1] = why and { '!', why } or reply
  end
end
others[1] = table.concat(lines, '\\n')
return others
`,
}

/** Grants a lease and mints its fence, or says why not; repeated by its holder it re-sets the TTL. A waiter is queued, and everybody ahead is served first. Returns 'granted', now, ttl, fence, kept; 'held', now, ms to the first end, kept; 'mismatch', now, capacity; or 'late', now; as one text, with spaces. kept = 1: the token had its place or its lease before. */
export const acquire: Script = {
  name: 'acquire',
  keys: 3,
  sha1: '59c5d222f1528886ba36e3af30bea88540234ad8',
  source: `local nowUs, now = ARGV.nowUs, ARGV.now
if not nowUs then
  local time = redis.call('TIME')
  local micros = time[2]
  if #micros < 6 then micros = string.sub('00000' .. micros, -6) end
  nowUs = time[1] .. micros
  now = string.sub(nowUs, 1, -4)
end
local limit = ARGV[3]
if limit and limit ~= '' and (#now > #limit or #now == #limit and now > limit) then return 'late ' .. now end
local held = ARGV.held or redis.call('GET', KEYS[1]) or '0\\n'
local token, ttlMs, subscriber = ARGV[1], ARGV[2], ARGV[4] or ''
-- Nearly always: for one, nobody has it, and nobody waits. The same as below, for half of the instructions.
local lastFence = not ARGV[6] and string.match(held, '^(%d+)\\n$')
if lastFence and (ARGV.unqueued or not redis.call('LINDEX', KEYS[2], '0')) then
  local block, minted
local isPast = #lastFence < #nowUs or #lastFence == #nowUs and lastFence < nowUs
minted = isPast and nowUs or string.format('%.0f', lastFence + 1)
lastFence = block and string.format('%.0f', minted + block - 1) or minted
  held = minted .. '\\n' .. token .. ' 1 1 ' .. now .. ' ' .. ttlMs .. ' ' .. minted .. ' ' .. subscriber .. '\\n'
  redis.call('SET', KEYS[1], held, 'PX', #ttlMs > 7 and ttlMs + 0 > 86400000 and ttlMs or '86400000')
  return 'granted ' .. now .. ' ' .. ttlMs .. ' ' .. minted .. ' 0'
end

local units, asked = ARGV[6] or '1', ARGV[7] or '1'
local heard, asking, askedMs, granted = {}, token, ttlMs, nil
local _, to, lastFence = string.find(held, '^(%d+)\\n')
if not to then return redis.error_reply('WRONGTYPE not a lease') end
local lines, from, used, capacity = {}, to + 1, 0, '1'
local firstEndMs, leftMs = math.huge, 0
local mine, myUnits
local nowMs = to < #held and (ARGV.nowMs or now + 0)
while to < #held do
  local at = to + 1
  local _, middle, each, units, of, sinceMs, ttlMs =
    string.find(held, '^([^ ]+) (%d+) (%d+) (%d+) (%d+) ', at)
  to = middle and string.find(held, '\\n', middle, true)
  if not to then return redis.error_reply('WRONGTYPE not a lease') end
  local restMs = sinceMs + ttlMs - nowMs
  if restMs > 0 then capacity = of end
  if restMs <= 0 or each == token then
    if from < at then lines[#lines + 1] = string.sub(held, from, at - 1) end
    from = to + 1
    if restMs > 0 then mine, myUnits = middle + 1, units end
  else
    used = used + units
    if restMs < firstEndMs then firstEndMs = restMs end
    if restMs > leftMs then leftMs = restMs end
  end
end
if from <= to then lines[#lines + 1] = string.sub(held, from) end
local function hold(each, units, ttlMs, fence, subscriber)
  lines[#lines + 1] = each .. ' ' .. units .. ' ' .. capacity .. ' ' .. now .. ' ' .. ttlMs .. ' ' .. fence
    .. ' ' .. subscriber .. '\\n'
  local restMs = ttlMs + 0
  if restMs < firstEndMs then firstEndMs = restMs end
  if restMs > leftMs then leftMs = restMs end
end
if mine then
local fence, subscriber = string.match(held, '^(%d+) ([^\\n]*)', mine)
  granted, used = fence, used + myUnits
  hold(token, myUnits, ttlMs, fence, subscriber)
end
local blocked, minted, told, pushed
local size = used == 0 and math.huge or capacity + 0
while used < size and not ARGV.unqueued do
  -- With nobody in the way whoever is first fits. Not in an acquire: after any write the server, out of
  -- memory, refuses no other.
  local taken = used == 0 and not asking
  local waiter = taken and redis.call('LPOP', KEYS[2])
  if not taken then waiter = redis.call('LINDEX', KEYS[2], '0') end
  if not waiter then break end
  local each, units, of, grantMs, fences, sinceMs, subscriber =
    string.match(waiter, '^([^ ]+) (%d+) (%d+) (%d+)x?(%d*) (%d+) (.+)$')
  local alive = each and (each == asking or heard[subscriber])
  if each and not alive then
    -- A channel with a hash tag is of Redis Cluster, and heard where the keys are.
    local count = string.find(subscriber, '{', 1, true) and 'SHARDNUMSUB' or 'NUMSUB'
    alive = redis.call('PUBSUB', count, subscriber)[2] > 0
  end
  if alive then
    size, used = of + 0, used + units
    if used > size then
      blocked = of
      if taken then
        redis.call('LPUSH', KEYS[2], waiter)
        redis.call('PEXPIRE', KEYS[2], 60000)
      end
      break
    end
  end
  if each then redis.call('HDEL', KEYS[3], each) end
  if not taken then redis.call('LPOP', KEYS[2]) end
  if alive then
    capacity = of
    local block = fences ~= '' and fences
local isPast = #lastFence < #nowUs or #lastFence == #nowUs and lastFence < nowUs
minted = isPast and nowUs or string.format('%.0f', lastFence + 1)
lastFence = block and string.format('%.0f', minted + block - 1) or minted
local function hold(each, units, ttlMs, fence, subscriber)
  lines[#lines + 1] = each .. ' ' .. units .. ' ' .. capacity .. ' ' .. now .. ' ' .. ttlMs .. ' ' .. fence
    .. ' ' .. subscriber .. '\\n'
  local restMs = ttlMs + 0
  if restMs < firstEndMs then firstEndMs = restMs end
  if restMs > leftMs then leftMs = restMs end
end
    hold(each, units, each == asking and askedMs or grantMs, minted, subscriber)
    if each == asking then
      granted = minted
    else
      if not told then told, pushed = {}, {} end
      local list = heard[subscriber] and told or pushed
      list[#list + 1] = subscriber
      list[#list + 1] = each .. ' ' .. minted .. ' ' .. grantMs .. ' ' .. sinceMs .. ' ' .. now .. ' ' .. KEYS[1]
    end
  end
end
local kept, isMismatch = granted and '1' or '0', false
if not granted then
  if blocked and #lines == 0 then capacity = blocked end
  isMismatch = (blocked or #lines > 0) and capacity ~= asked
  if not isMismatch and not blocked and units + used <= asked + 0 then
    capacity = asked
    local block = ARGV[8]
local isPast = #lastFence < #nowUs or #lastFence == #nowUs and lastFence < nowUs
minted = isPast and nowUs or string.format('%.0f', lastFence + 1)
lastFence = block and string.format('%.0f', minted + block - 1) or minted
    granted = minted
    hold(token, units, ttlMs, minted, subscriber)
  end
end
if granted or minted then
if #lines == 0 then
  -- A day from its grant, and not to be reckoned again.
  redis.call('SET', KEYS[1], lastFence .. '\\n', 'KEEPTTL')
else
  held = lastFence .. '\\n' .. table.concat(lines)
  redis.call('SET', KEYS[1], held, 'PX', leftMs > 86400000 and leftMs or '86400000')
end
end
for i = 1, pushed and #pushed or 0, 2 do
  local publish = string.find(pushed[i], '{', 1, true) and 'SPUBLISH' or 'PUBLISH'
  redis.call(publish, pushed[i], pushed[i + 1])
end
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
local forgotten = redis.call('HGET', KEYS[3], token)
if forgotten then
  redis.call('HDEL', KEYS[3], token)
  redis.call('LREM', KEYS[2], 1, forgotten)
end
  if forgotten then kept = '1' end
end
local held = #lines > 0
-- By its own end of the lease each process that still waits has asked again, and so kept the queue.
local keepMs = held and string.format('%d', firstEndMs + 60000) or '60000'
redis.call('PEXPIRE', KEYS[2], keepMs)
redis.call('PEXPIRE', KEYS[3], keepMs)
return 'held ' .. now .. ' ' .. (held and firstEndMs or 'Infinity') .. ' ' .. kept
`,
}

/** Stores the loaded value if the lease is still the load's, and ends the lease. Returns 1, or 0 when the load was fenced off. */
export const cacheCommit: Script = {
  name: 'cache-commit',
  keys: 2,
  sha1: 'a9a80a30a10c9ea3b4f9fab79dd17cd7b5ecb037',
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
if ARGV[5] == '1' then redis.call('PUBLISH', ARGV[4], 'c - ' .. KEYS[1]) end
return 1
`,
}

/** Stores a value if the entry has the version expected, and voids the lease of the load. Returns {'written', now, version}, {'conflict', now, version there or ''} or {'late', now}. */
export const cacheCompareAndSet: Script = {
  name: 'cache-compare-and-set',
  keys: 2,
  sha1: '7c9c4f2cb4b9052b6bf96a818548e703a780f0ad',
  source: `local nowUs, now = ARGV.nowUs, ARGV.now
if not nowUs then
  local time = redis.call('TIME')
  local micros = time[2]
  if #micros < 6 then micros = string.sub('00000' .. micros, -6) end
  nowUs = time[1] .. micros
  now = string.sub(nowUs, 1, -4)
end
local nowMs = now + 0
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
  if ARGV[7] == '1' then redis.call('PUBLISH', ARGV[4], 'c - ' .. KEYS[1]) end
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
  sha1: 'a864301ad149d84dd2e26c9f07be0bfc84ee88b6',
  source: `local nowUs, now = ARGV.nowUs, ARGV.now
if not nowUs then
  local time = redis.call('TIME')
  local micros = time[2]
  if #micros < 6 then micros = string.sub('00000' .. micros, -6) end
  nowUs = time[1] .. micros
  now = string.sub(nowUs, 1, -4)
end
local nowMs = now + 0
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
  sha1: '2a72c01bb400bab9a9e3f367f90841fe2b1210c0',
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
local removed = redis.call('DEL', KEYS[1])
if holder then redis.call('PUBLISH', ARGV[1], 'v ' .. holder .. ' ' .. KEYS[1]) end
if ARGV[2] == '1' then redis.call('PUBLISH', ARGV[1], 'c - ' .. KEYS[1]) end
return removed
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
  sha1: 'e9bc830c21f124683251ebfab8390ca4e68e3378',
  source: `local nowUs, now = ARGV.nowUs, ARGV.now
if not nowUs then
  local time = redis.call('TIME')
  local micros = time[2]
  if #micros < 6 then micros = string.sub('00000' .. micros, -6) end
  nowUs = time[1] .. micros
  now = string.sub(nowUs, 1, -4)
end
local nowMs = now + 0
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
if ARGV[5] == '1' then redis.call('PUBLISH', ARGV[4], 'c - ' .. KEYS[1]) end
return { 'written', nowMs }
`,
}

/** Moves the ends of leases as extend does, one after the other. Returns as _each says, of what extend returns. */
export const extendEach: Script = {
  name: 'extend-each',
  keys: 1,
  sha1: 'bd5e08d74b055dc48d8694e26cd8b824f318d927',
  source: `local size = 1
local function run(KEYS, ARGV)
local nowUs, now = ARGV.nowUs, ARGV.now
if not nowUs then
  local time = redis.call('TIME')
  local micros = time[2]
  if #micros < 6 then micros = string.sub('00000' .. micros, -6) end
  nowUs = time[1] .. micros
  now = string.sub(nowUs, 1, -4)
end
local limit = ARGV[3]
if limit and limit ~= '' and (#now > #limit or #now == #limit and now > limit) then return 'late ' .. now end
local held = ARGV.held or redis.call('GET', KEYS[1]) or '0\\n'
local isTaken = false
for _, token in ipairs(ARGV[4] and { ARGV[4], ARGV[1] } or { ARGV[1] }) do
local _, to, lastFence = string.find(held, '^(%d+)\\n')
if not to then return redis.error_reply('WRONGTYPE not a lease') end
local lines, from, used, capacity = {}, to + 1, 0, '1'
local firstEndMs, leftMs = math.huge, 0
local mine, myUnits
local nowMs = to < #held and (ARGV.nowMs or now + 0)
while to < #held do
  local at = to + 1
  local _, middle, each, units, of, sinceMs, ttlMs =
    string.find(held, '^([^ ]+) (%d+) (%d+) (%d+) (%d+) ', at)
  to = middle and string.find(held, '\\n', middle, true)
  if not to then return redis.error_reply('WRONGTYPE not a lease') end
  local restMs = sinceMs + ttlMs - nowMs
  if restMs > 0 then capacity = of end
  if restMs <= 0 or each == token then
    if from < at then lines[#lines + 1] = string.sub(held, from, at - 1) end
    from = to + 1
    if restMs > 0 then mine, myUnits = middle + 1, units end
  else
    used = used + units
    if restMs < firstEndMs then firstEndMs = restMs end
    if restMs > leftMs then leftMs = restMs end
  end
end
if from <= to then lines[#lines + 1] = string.sub(held, from) end
local function hold(each, units, ttlMs, fence, subscriber)
  lines[#lines + 1] = each .. ' ' .. units .. ' ' .. capacity .. ' ' .. now .. ' ' .. ttlMs .. ' ' .. fence
    .. ' ' .. subscriber .. '\\n'
  local restMs = ttlMs + 0
  if restMs < firstEndMs then firstEndMs = restMs end
  if restMs > leftMs then leftMs = restMs end
end
  if mine then
    local heir = ARGV[4] or token
local fence, subscriber = string.match(held, '^(%d+) ([^\\n]*)', mine)
    -- Its old subscriber knows nothing of the new token.
    hold(heir, myUnits, ARGV[2], fence, heir == token and subscriber or '')
    -- Out of memory, a server refuses SET, unless the script has written before: nobody is let down by it.
    redis.call('PEXPIRE', KEYS[1], leftMs > 86400000 and leftMs or '86400000')
    redis.call('SET', KEYS[1], lastFence .. '\\n' .. table.concat(lines), 'KEEPTTL')
    return 'extended ' .. now .. ' ' .. ARGV[2]
  end
  isTaken = #lines > 0
end
return (isTaken and 'taken ' or 'absent ') .. now
end
local nowUs, now = ARGV.nowUs, ARGV.now
if not nowUs then
  local time = redis.call('TIME')
  local micros = time[2]
  if #micros < 6 then micros = string.sub('00000' .. micros, -6) end
  nowUs = time[1] .. micros
  now = string.sub(nowUs, 1, -4)
end
local lines, others = {}, { '' }
local names, queues, seen = {}, {}, {}
for key = 1, #KEYS, size do
  names[#names + 1] = KEYS[key]
  queues[#queues + 1] = KEYS[key + 1]
end
-- Read at once what nearly always is all that there is to read. What is no text is told from nothing later.
local held = redis.call('MGET', unpack(names))
local queued = size > 1 and redis.call('EXISTS', unpack(queues)) > 0
local count = tonumber(ARGV[1])
local args, keys, own = { unpack(ARGV, 2, count + 1) }, {}, {}
args.nowUs, args.now, args.nowMs = nowUs, now, now + 0
for nth = 1, tonumber(ARGV[count + 2]) do own[nth] = tonumber(ARGV[count + 2 + nth]) end
local at = count + 3 + #own
for i = 1, #names do
  for nth = 1, size do keys[nth] = KEYS[(i - 1) * size + nth] end
  if i > 1 then
    for nth = 1, #own do args[own[nth]] = ARGV[at + nth - 1] end
    at = at + #own
  end
  -- Of a name that was here before, all is read again.
  local again = seen[names[i]]
  seen[names[i]] = true
  args.held, args.unqueued = not again and held[i], not again and not queued
  local done, reply = pcall(run, keys, args)
  if done and type(reply) == 'string' then
    lines[i] = reply
  else
    lines[i] = ''
    -- Before version 7 an error is a text.
    local why = type(reply) == 'string' and reply or reply.err
    others[#others + 1] = why and { '!', why } or reply
  end
end
others[1] = table.concat(lines, '\\n')
return others
`,
}

/** Moves the end of a lease that is still this token's, and gives it a new token; never re-creates one. Returns 'extended', now, ttl; 'absent', now; 'taken', now; or 'late', now; as one text, with spaces. */
export const extend: Script = {
  name: 'extend',
  keys: 1,
  sha1: '413bfcf108ff900c4455e315a7e22f2c8ed16042',
  source: `local nowUs, now = ARGV.nowUs, ARGV.now
if not nowUs then
  local time = redis.call('TIME')
  local micros = time[2]
  if #micros < 6 then micros = string.sub('00000' .. micros, -6) end
  nowUs = time[1] .. micros
  now = string.sub(nowUs, 1, -4)
end
local limit = ARGV[3]
if limit and limit ~= '' and (#now > #limit or #now == #limit and now > limit) then return 'late ' .. now end
local held = ARGV.held or redis.call('GET', KEYS[1]) or '0\\n'
local isTaken = false
for _, token in ipairs(ARGV[4] and { ARGV[4], ARGV[1] } or { ARGV[1] }) do
local _, to, lastFence = string.find(held, '^(%d+)\\n')
if not to then return redis.error_reply('WRONGTYPE not a lease') end
local lines, from, used, capacity = {}, to + 1, 0, '1'
local firstEndMs, leftMs = math.huge, 0
local mine, myUnits
local nowMs = to < #held and (ARGV.nowMs or now + 0)
while to < #held do
  local at = to + 1
  local _, middle, each, units, of, sinceMs, ttlMs =
    string.find(held, '^([^ ]+) (%d+) (%d+) (%d+) (%d+) ', at)
  to = middle and string.find(held, '\\n', middle, true)
  if not to then return redis.error_reply('WRONGTYPE not a lease') end
  local restMs = sinceMs + ttlMs - nowMs
  if restMs > 0 then capacity = of end
  if restMs <= 0 or each == token then
    if from < at then lines[#lines + 1] = string.sub(held, from, at - 1) end
    from = to + 1
    if restMs > 0 then mine, myUnits = middle + 1, units end
  else
    used = used + units
    if restMs < firstEndMs then firstEndMs = restMs end
    if restMs > leftMs then leftMs = restMs end
  end
end
if from <= to then lines[#lines + 1] = string.sub(held, from) end
local function hold(each, units, ttlMs, fence, subscriber)
  lines[#lines + 1] = each .. ' ' .. units .. ' ' .. capacity .. ' ' .. now .. ' ' .. ttlMs .. ' ' .. fence
    .. ' ' .. subscriber .. '\\n'
  local restMs = ttlMs + 0
  if restMs < firstEndMs then firstEndMs = restMs end
  if restMs > leftMs then leftMs = restMs end
end
  if mine then
    local heir = ARGV[4] or token
local fence, subscriber = string.match(held, '^(%d+) ([^\\n]*)', mine)
    -- Its old subscriber knows nothing of the new token.
    hold(heir, myUnits, ARGV[2], fence, heir == token and subscriber or '')
    -- Out of memory, a server refuses SET, unless the script has written before: nobody is let down by it.
    redis.call('PEXPIRE', KEYS[1], leftMs > 86400000 and leftMs or '86400000')
    redis.call('SET', KEYS[1], lastFence .. '\\n' .. table.concat(lines), 'KEEPTTL')
    return 'extended ' .. now .. ' ' .. ARGV[2]
  end
  isTaken = #lines > 0
end
return (isTaken and 'taken ' or 'absent ') .. now
`,
}

/** Lists the holders, and counts who waits. Returns {capacity, waiters, token, units, remaining ms, fence, token, …}, in no order. */
export const inspect: Script = {
  name: 'inspect',
  keys: 2,
  sha1: 'f6329e3b64fa64f0e4db959f8a9d7760a92b0285',
  source: `local nowUs, now = ARGV.nowUs, ARGV.now
if not nowUs then
  local time = redis.call('TIME')
  local micros = time[2]
  if #micros < 6 then micros = string.sub('00000' .. micros, -6) end
  nowUs = time[1] .. micros
  now = string.sub(nowUs, 1, -4)
end
local token = ''
local held = ARGV.held or redis.call('GET', KEYS[1]) or '0\\n'
local _, to, lastFence = string.find(held, '^(%d+)\\n')
if not to then return redis.error_reply('WRONGTYPE not a lease') end
local lines, from, used, capacity = {}, to + 1, 0, '1'
local firstEndMs, leftMs = math.huge, 0
local mine, myUnits
local nowMs = to < #held and (ARGV.nowMs or now + 0)
while to < #held do
  local at = to + 1
  local _, middle, each, units, of, sinceMs, ttlMs =
    string.find(held, '^([^ ]+) (%d+) (%d+) (%d+) (%d+) ', at)
  to = middle and string.find(held, '\\n', middle, true)
  if not to then return redis.error_reply('WRONGTYPE not a lease') end
  local restMs = sinceMs + ttlMs - nowMs
  if restMs > 0 then capacity = of end
  if restMs <= 0 or each == token then
    if from < at then lines[#lines + 1] = string.sub(held, from, at - 1) end
    from = to + 1
    if restMs > 0 then mine, myUnits = middle + 1, units end
  else
    used = used + units
    if restMs < firstEndMs then firstEndMs = restMs end
    if restMs > leftMs then leftMs = restMs end
  end
end
if from <= to then lines[#lines + 1] = string.sub(held, from) end
local reply = { capacity, redis.call('LLEN', KEYS[2]) }
for each, units, sinceMs, ttlMs, fence in
  string.gmatch(table.concat(lines), '([^ ]+) (%d+) %d+ (%d+) (%d+) (%d+) [^\\n]*\\n')
do
  for _, fact in ipairs({ each, units, sinceMs + ttlMs - nowMs, fence }) do reply[#reply + 1] = fact end
end
return reply
`,
}

/** Gives up a place in the queue, and the lease if it was granted meanwhile. Returns 'left', now; 'released', now; or 'absent', now; as one text, with a space. */
export const leave: Script = {
  name: 'leave',
  keys: 3,
  sha1: 'ed3d5cbbcaf4ead7a54ab8e48ec2ddcc8aff5aaa',
  source: `local nowUs, now = ARGV.nowUs, ARGV.now
if not nowUs then
  local time = redis.call('TIME')
  local micros = time[2]
  if #micros < 6 then micros = string.sub('00000' .. micros, -6) end
  nowUs = time[1] .. micros
  now = string.sub(nowUs, 1, -4)
end
local token, heard, asking, askedMs, granted = ARGV[1], {}, nil, nil, nil
local held = ARGV.held or redis.call('GET', KEYS[1]) or '0\\n'
local _, to, lastFence = string.find(held, '^(%d+)\\n')
if not to then return redis.error_reply('WRONGTYPE not a lease') end
local lines, from, used, capacity = {}, to + 1, 0, '1'
local firstEndMs, leftMs = math.huge, 0
local mine, myUnits
local nowMs = to < #held and (ARGV.nowMs or now + 0)
while to < #held do
  local at = to + 1
  local _, middle, each, units, of, sinceMs, ttlMs =
    string.find(held, '^([^ ]+) (%d+) (%d+) (%d+) (%d+) ', at)
  to = middle and string.find(held, '\\n', middle, true)
  if not to then return redis.error_reply('WRONGTYPE not a lease') end
  local restMs = sinceMs + ttlMs - nowMs
  if restMs > 0 then capacity = of end
  if restMs <= 0 or each == token then
    if from < at then lines[#lines + 1] = string.sub(held, from, at - 1) end
    from = to + 1
    if restMs > 0 then mine, myUnits = middle + 1, units end
  else
    used = used + units
    if restMs < firstEndMs then firstEndMs = restMs end
    if restMs > leftMs then leftMs = restMs end
  end
end
if from <= to then lines[#lines + 1] = string.sub(held, from) end
local forgotten = redis.call('HGET', KEYS[3], token)
if forgotten then
  redis.call('HDEL', KEYS[3], token)
  redis.call('LREM', KEYS[2], 1, forgotten)
end
if mine and used > 0 then redis.call('PEXPIRE', KEYS[1], '86400000') end
local blocked, minted, told, pushed
local size = used == 0 and math.huge or capacity + 0
while used < size and not ARGV.unqueued do
  -- With nobody in the way whoever is first fits. Not in an acquire: after any write the server, out of
  -- memory, refuses no other.
  local taken = used == 0 and not asking
  local waiter = taken and redis.call('LPOP', KEYS[2])
  if not taken then waiter = redis.call('LINDEX', KEYS[2], '0') end
  if not waiter then break end
  local each, units, of, grantMs, fences, sinceMs, subscriber =
    string.match(waiter, '^([^ ]+) (%d+) (%d+) (%d+)x?(%d*) (%d+) (.+)$')
  local alive = each and (each == asking or heard[subscriber])
  if each and not alive then
    -- A channel with a hash tag is of Redis Cluster, and heard where the keys are.
    local count = string.find(subscriber, '{', 1, true) and 'SHARDNUMSUB' or 'NUMSUB'
    alive = redis.call('PUBSUB', count, subscriber)[2] > 0
  end
  if alive then
    size, used = of + 0, used + units
    if used > size then
      blocked = of
      if taken then
        redis.call('LPUSH', KEYS[2], waiter)
        redis.call('PEXPIRE', KEYS[2], 60000)
      end
      break
    end
  end
  if each then redis.call('HDEL', KEYS[3], each) end
  if not taken then redis.call('LPOP', KEYS[2]) end
  if alive then
    capacity = of
    local block = fences ~= '' and fences
local isPast = #lastFence < #nowUs or #lastFence == #nowUs and lastFence < nowUs
minted = isPast and nowUs or string.format('%.0f', lastFence + 1)
lastFence = block and string.format('%.0f', minted + block - 1) or minted
local function hold(each, units, ttlMs, fence, subscriber)
  lines[#lines + 1] = each .. ' ' .. units .. ' ' .. capacity .. ' ' .. now .. ' ' .. ttlMs .. ' ' .. fence
    .. ' ' .. subscriber .. '\\n'
  local restMs = ttlMs + 0
  if restMs < firstEndMs then firstEndMs = restMs end
  if restMs > leftMs then leftMs = restMs end
end
    hold(each, units, each == asking and askedMs or grantMs, minted, subscriber)
    if each == asking then
      granted = minted
    else
      if not told then told, pushed = {}, {} end
      local list = heard[subscriber] and told or pushed
      list[#list + 1] = subscriber
      list[#list + 1] = each .. ' ' .. minted .. ' ' .. grantMs .. ' ' .. sinceMs .. ' ' .. now .. ' ' .. KEYS[1]
    end
  end
end
if mine or minted then
if #lines == 0 then
  -- A day from its grant, and not to be reckoned again.
  redis.call('SET', KEYS[1], lastFence .. '\\n', 'KEEPTTL')
else
  held = lastFence .. '\\n' .. table.concat(lines)
  redis.call('SET', KEYS[1], held, 'PX', leftMs > 86400000 and leftMs or '86400000')
end
end
for i = 1, pushed and #pushed or 0, 2 do
  local publish = string.find(pushed[i], '{', 1, true) and 'SPUBLISH' or 'PUBLISH'
  redis.call(publish, pushed[i], pushed[i + 1])
end
return (forgotten and 'left ' or mine and 'released ' or 'absent ') .. now
`,
}

/** Ends leases as release does, one after the other. Returns as _each says, of what release returns. */
export const releaseEach: Script = {
  name: 'release-each',
  keys: 3,
  sha1: '03cb150454742a7e345e2ba407cb86320b053a49',
  source: `local size = 3
-- Out of memory, a server refuses SET, unless the script has written before: nobody is let down by it. No waiter is
-- called this, so nothing is removed.
redis.pcall('LREM', KEYS[2], '1', '')
local function run(KEYS, ARGV)
local nowUs, now = ARGV.nowUs, ARGV.now
if not nowUs then
  local time = redis.call('TIME')
  local micros = time[2]
  if #micros < 6 then micros = string.sub('00000' .. micros, -6) end
  nowUs = time[1] .. micros
  now = string.sub(nowUs, 1, -4)
end
local token, heard, asking, askedMs, granted = ARGV[1], {}, nil, nil, nil
for i = 2, #ARGV do heard[ARGV[i]] = true end
local held = ARGV.held or redis.call('GET', KEYS[1]) or '0\\n'
local _, to, lastFence = string.find(held, '^(%d+)\\n')
if not to then return redis.error_reply('WRONGTYPE not a lease') end
local lines, from, used, capacity = {}, to + 1, 0, '1'
local firstEndMs, leftMs = math.huge, 0
local mine, myUnits
local nowMs = to < #held and (ARGV.nowMs or now + 0)
while to < #held do
  local at = to + 1
  local _, middle, each, units, of, sinceMs, ttlMs =
    string.find(held, '^([^ ]+) (%d+) (%d+) (%d+) (%d+) ', at)
  to = middle and string.find(held, '\\n', middle, true)
  if not to then return redis.error_reply('WRONGTYPE not a lease') end
  local restMs = sinceMs + ttlMs - nowMs
  if restMs > 0 then capacity = of end
  if restMs <= 0 or each == token then
    if from < at then lines[#lines + 1] = string.sub(held, from, at - 1) end
    from = to + 1
    if restMs > 0 then mine, myUnits = middle + 1, units end
  else
    used = used + units
    if restMs < firstEndMs then firstEndMs = restMs end
    if restMs > leftMs then leftMs = restMs end
  end
end
if from <= to then lines[#lines + 1] = string.sub(held, from) end
if mine and used > 0 then redis.call('PEXPIRE', KEYS[1], '86400000') end
local blocked, minted, told, pushed
local size = used == 0 and math.huge or capacity + 0
while used < size and not ARGV.unqueued do
  -- With nobody in the way whoever is first fits. Not in an acquire: after any write the server, out of
  -- memory, refuses no other.
  local taken = used == 0 and not asking
  local waiter = taken and redis.call('LPOP', KEYS[2])
  if not taken then waiter = redis.call('LINDEX', KEYS[2], '0') end
  if not waiter then break end
  local each, units, of, grantMs, fences, sinceMs, subscriber =
    string.match(waiter, '^([^ ]+) (%d+) (%d+) (%d+)x?(%d*) (%d+) (.+)$')
  local alive = each and (each == asking or heard[subscriber])
  if each and not alive then
    -- A channel with a hash tag is of Redis Cluster, and heard where the keys are.
    local count = string.find(subscriber, '{', 1, true) and 'SHARDNUMSUB' or 'NUMSUB'
    alive = redis.call('PUBSUB', count, subscriber)[2] > 0
  end
  if alive then
    size, used = of + 0, used + units
    if used > size then
      blocked = of
      if taken then
        redis.call('LPUSH', KEYS[2], waiter)
        redis.call('PEXPIRE', KEYS[2], 60000)
      end
      break
    end
  end
  if each then redis.call('HDEL', KEYS[3], each) end
  if not taken then redis.call('LPOP', KEYS[2]) end
  if alive then
    capacity = of
    local block = fences ~= '' and fences
local isPast = #lastFence < #nowUs or #lastFence == #nowUs and lastFence < nowUs
minted = isPast and nowUs or string.format('%.0f', lastFence + 1)
lastFence = block and string.format('%.0f', minted + block - 1) or minted
local function hold(each, units, ttlMs, fence, subscriber)
  lines[#lines + 1] = each .. ' ' .. units .. ' ' .. capacity .. ' ' .. now .. ' ' .. ttlMs .. ' ' .. fence
    .. ' ' .. subscriber .. '\\n'
  local restMs = ttlMs + 0
  if restMs < firstEndMs then firstEndMs = restMs end
  if restMs > leftMs then leftMs = restMs end
end
    hold(each, units, each == asking and askedMs or grantMs, minted, subscriber)
    if each == asking then
      granted = minted
    else
      if not told then told, pushed = {}, {} end
      local list = heard[subscriber] and told or pushed
      list[#list + 1] = subscriber
      list[#list + 1] = each .. ' ' .. minted .. ' ' .. grantMs .. ' ' .. sinceMs .. ' ' .. now .. ' ' .. KEYS[1]
    end
  end
end
if mine or minted then
if #lines == 0 then
  -- A day from its grant, and not to be reckoned again.
  redis.call('SET', KEYS[1], lastFence .. '\\n', 'KEEPTTL')
else
  held = lastFence .. '\\n' .. table.concat(lines)
  redis.call('SET', KEYS[1], held, 'PX', leftMs > 86400000 and leftMs or '86400000')
end
end
for i = 1, pushed and #pushed or 0, 2 do
  local publish = string.find(pushed[i], '{', 1, true) and 'SPUBLISH' or 'PUBLISH'
  redis.call(publish, pushed[i], pushed[i + 1])
end
local reply = (mine and 'released ' or #lines > 0 and 'taken ' or 'absent ') .. now
return told and told[1] and { reply, unpack(told) } or reply
end
local nowUs, now = ARGV.nowUs, ARGV.now
if not nowUs then
  local time = redis.call('TIME')
  local micros = time[2]
  if #micros < 6 then micros = string.sub('00000' .. micros, -6) end
  nowUs = time[1] .. micros
  now = string.sub(nowUs, 1, -4)
end
local lines, others = {}, { '' }
local names, queues, seen = {}, {}, {}
for key = 1, #KEYS, size do
  names[#names + 1] = KEYS[key]
  queues[#queues + 1] = KEYS[key + 1]
end
-- Read at once what nearly always is all that there is to read. What is no text is told from nothing later.
local held = redis.call('MGET', unpack(names))
local queued = size > 1 and redis.call('EXISTS', unpack(queues)) > 0
local count = tonumber(ARGV[1])
local args, keys, own = { unpack(ARGV, 2, count + 1) }, {}, {}
args.nowUs, args.now, args.nowMs = nowUs, now, now + 0
for nth = 1, tonumber(ARGV[count + 2]) do own[nth] = tonumber(ARGV[count + 2 + nth]) end
local at = count + 3 + #own
for i = 1, #names do
  for nth = 1, size do keys[nth] = KEYS[(i - 1) * size + nth] end
  if i > 1 then
    for nth = 1, #own do args[own[nth]] = ARGV[at + nth - 1] end
    at = at + #own
  end
  -- Of a name that was here before, all is read again.
  local again = seen[names[i]]
  seen[names[i]] = true
  args.held, args.unqueued = not again and held[i], not again and not queued
  local done, reply = pcall(run, keys, args)
  if done and type(reply) == 'string' then
    lines[i] = reply
  else
    lines[i] = ''
    -- Before version 7 an error is a text.
    local why = type(reply) == 'string' and reply or reply.err
    others[#others + 1] = why and { '!', why } or reply
  end
end
others[1] = table.concat(lines, '\\n')
return others
`,
}

/** Ends the lease of this token and no other, and gives it to who waits. Returns 'released', now; 'absent', now; or 'taken', now; as one text, with a space: with grants as a list, {that text, channel, grant, …}. */
export const release: Script = {
  name: 'release',
  keys: 3,
  sha1: '3cfd121cccd96629331f678c6050ff6f7a49e0e0',
  source: `local nowUs, now = ARGV.nowUs, ARGV.now
if not nowUs then
  local time = redis.call('TIME')
  local micros = time[2]
  if #micros < 6 then micros = string.sub('00000' .. micros, -6) end
  nowUs = time[1] .. micros
  now = string.sub(nowUs, 1, -4)
end
local token, heard, asking, askedMs, granted = ARGV[1], {}, nil, nil, nil
for i = 2, #ARGV do heard[ARGV[i]] = true end
local held = ARGV.held or redis.call('GET', KEYS[1]) or '0\\n'
local _, to, lastFence = string.find(held, '^(%d+)\\n')
if not to then return redis.error_reply('WRONGTYPE not a lease') end
local lines, from, used, capacity = {}, to + 1, 0, '1'
local firstEndMs, leftMs = math.huge, 0
local mine, myUnits
local nowMs = to < #held and (ARGV.nowMs or now + 0)
while to < #held do
  local at = to + 1
  local _, middle, each, units, of, sinceMs, ttlMs =
    string.find(held, '^([^ ]+) (%d+) (%d+) (%d+) (%d+) ', at)
  to = middle and string.find(held, '\\n', middle, true)
  if not to then return redis.error_reply('WRONGTYPE not a lease') end
  local restMs = sinceMs + ttlMs - nowMs
  if restMs > 0 then capacity = of end
  if restMs <= 0 or each == token then
    if from < at then lines[#lines + 1] = string.sub(held, from, at - 1) end
    from = to + 1
    if restMs > 0 then mine, myUnits = middle + 1, units end
  else
    used = used + units
    if restMs < firstEndMs then firstEndMs = restMs end
    if restMs > leftMs then leftMs = restMs end
  end
end
if from <= to then lines[#lines + 1] = string.sub(held, from) end
if mine and used > 0 then redis.call('PEXPIRE', KEYS[1], '86400000') end
local blocked, minted, told, pushed
local size = used == 0 and math.huge or capacity + 0
while used < size and not ARGV.unqueued do
  -- With nobody in the way whoever is first fits. Not in an acquire: after any write the server, out of
  -- memory, refuses no other.
  local taken = used == 0 and not asking
  local waiter = taken and redis.call('LPOP', KEYS[2])
  if not taken then waiter = redis.call('LINDEX', KEYS[2], '0') end
  if not waiter then break end
  local each, units, of, grantMs, fences, sinceMs, subscriber =
    string.match(waiter, '^([^ ]+) (%d+) (%d+) (%d+)x?(%d*) (%d+) (.+)$')
  local alive = each and (each == asking or heard[subscriber])
  if each and not alive then
    -- A channel with a hash tag is of Redis Cluster, and heard where the keys are.
    local count = string.find(subscriber, '{', 1, true) and 'SHARDNUMSUB' or 'NUMSUB'
    alive = redis.call('PUBSUB', count, subscriber)[2] > 0
  end
  if alive then
    size, used = of + 0, used + units
    if used > size then
      blocked = of
      if taken then
        redis.call('LPUSH', KEYS[2], waiter)
        redis.call('PEXPIRE', KEYS[2], 60000)
      end
      break
    end
  end
  if each then redis.call('HDEL', KEYS[3], each) end
  if not taken then redis.call('LPOP', KEYS[2]) end
  if alive then
    capacity = of
    local block = fences ~= '' and fences
local isPast = #lastFence < #nowUs or #lastFence == #nowUs and lastFence < nowUs
minted = isPast and nowUs or string.format('%.0f', lastFence + 1)
lastFence = block and string.format('%.0f', minted + block - 1) or minted
local function hold(each, units, ttlMs, fence, subscriber)
  lines[#lines + 1] = each .. ' ' .. units .. ' ' .. capacity .. ' ' .. now .. ' ' .. ttlMs .. ' ' .. fence
    .. ' ' .. subscriber .. '\\n'
  local restMs = ttlMs + 0
  if restMs < firstEndMs then firstEndMs = restMs end
  if restMs > leftMs then leftMs = restMs end
end
    hold(each, units, each == asking and askedMs or grantMs, minted, subscriber)
    if each == asking then
      granted = minted
    else
      if not told then told, pushed = {}, {} end
      local list = heard[subscriber] and told or pushed
      list[#list + 1] = subscriber
      list[#list + 1] = each .. ' ' .. minted .. ' ' .. grantMs .. ' ' .. sinceMs .. ' ' .. now .. ' ' .. KEYS[1]
    end
  end
end
if mine or minted then
if #lines == 0 then
  -- A day from its grant, and not to be reckoned again.
  redis.call('SET', KEYS[1], lastFence .. '\\n', 'KEEPTTL')
else
  held = lastFence .. '\\n' .. table.concat(lines)
  redis.call('SET', KEYS[1], held, 'PX', leftMs > 86400000 and leftMs or '86400000')
end
end
for i = 1, pushed and #pushed or 0, 2 do
  local publish = string.find(pushed[i], '{', 1, true) and 'SPUBLISH' or 'PUBLISH'
  redis.call(publish, pushed[i], pushed[i + 1])
end
local reply = (mine and 'released ' or #lines > 0 and 'taken ' or 'absent ') .. now
return told and told[1] and { reply, unpack(told) } or reply
`,
}

/** Takes a lease from all who hold it and mints a fence greater than theirs; who waits keeps waiting. Returns 'granted', now, ttl, fence; 'mismatch', now, capacity; or 'late', now; as one text, with spaces. */
export const steal: Script = {
  name: 'steal',
  keys: 3,
  sha1: 'a51d187c83de6821cc2639089b00bc94e3d88ad4',
  source: `local nowUs, now = ARGV.nowUs, ARGV.now
if not nowUs then
  local time = redis.call('TIME')
  local micros = time[2]
  if #micros < 6 then micros = string.sub('00000' .. micros, -6) end
  nowUs = time[1] .. micros
  now = string.sub(nowUs, 1, -4)
end
local limit = ARGV[4]
if limit and limit ~= '' and (#now > #limit or #now == #limit and now > limit) then return 'late ' .. now end
local token, deposed = ARGV[1], ''
local held = ARGV.held or redis.call('GET', KEYS[1]) or '0\\n'
local _, to, lastFence = string.find(held, '^(%d+)\\n')
if not to then return redis.error_reply('WRONGTYPE not a lease') end
local lines, from, used, capacity = {}, to + 1, 0, '1'
local firstEndMs, leftMs = math.huge, 0
local mine, myUnits
local nowMs = to < #held and (ARGV.nowMs or now + 0)
while to < #held do
  local at = to + 1
  local _, middle, each, units, of, sinceMs, ttlMs =
    string.find(held, '^([^ ]+) (%d+) (%d+) (%d+) (%d+) ', at)
  to = middle and string.find(held, '\\n', middle, true)
  if not to then return redis.error_reply('WRONGTYPE not a lease') end
  local restMs = sinceMs + ttlMs - nowMs
  if restMs > 0 then capacity = of end
  if restMs <= 0 or each == token then
    if from < at then lines[#lines + 1] = string.sub(held, from, at - 1) end
    from = to + 1
    if restMs > 0 then mine, myUnits = middle + 1, units end
  else
    used = used + units
    if restMs < firstEndMs then firstEndMs = restMs end
    if restMs > leftMs then leftMs = restMs end
  end
end
if from <= to then lines[#lines + 1] = string.sub(held, from) end
local function hold(each, units, ttlMs, fence, subscriber)
  lines[#lines + 1] = each .. ' ' .. units .. ' ' .. capacity .. ' ' .. now .. ' ' .. ttlMs .. ' ' .. fence
    .. ' ' .. subscriber .. '\\n'
  local restMs = ttlMs + 0
  if restMs < firstEndMs then firstEndMs = restMs end
  if restMs > leftMs then leftMs = restMs end
end
local minted, granted, block
if mine then
local fence, subscriber = string.match(held, '^(%d+) ([^\\n]*)', mine)
  granted = fence
  hold(token, myUnits, ARGV[2], fence, subscriber)
else
  local head = redis.call('LINDEX', KEYS[2], '0')
  if head and #lines == 0 then capacity = string.match(head, '^[^ ]+ %d+ (%d+) ') end
  if (head or #lines > 0) and capacity ~= ARGV[3] then return 'mismatch ' .. now .. ' ' .. capacity end
  deposed, lines, leftMs, capacity = table.concat(lines), {}, 0, ARGV[3]
local isPast = #lastFence < #nowUs or #lastFence == #nowUs and lastFence < nowUs
minted = isPast and nowUs or string.format('%.0f', lastFence + 1)
lastFence = block and string.format('%.0f', minted + block - 1) or minted
  granted = minted
  hold(token, ARGV[3], ARGV[2], minted, ARGV[5])
end
if #lines == 0 then
  -- A day from its grant, and not to be reckoned again.
  redis.call('SET', KEYS[1], lastFence .. '\\n', 'KEEPTTL')
else
  held = lastFence .. '\\n' .. table.concat(lines)
  redis.call('SET', KEYS[1], held, 'PX', leftMs > 86400000 and leftMs or '86400000')
end
if not mine then
local forgotten = redis.call('HGET', KEYS[3], token)
if forgotten then
  redis.call('HDEL', KEYS[3], token)
  redis.call('LREM', KEYS[2], 1, forgotten)
end
end
for each, subscriber in string.gmatch(deposed, '([^ ]+) %d+ %d+ %d+ %d+ %d+ ([^\\n]*)\\n') do
  -- No token begins like this, so it is no grant. Heard in the whole of a cluster: without a hash tag.
  subscriber = string.match(subscriber, '^[^{]*')
  if subscriber ~= '' then redis.call('PUBLISH', subscriber, '! ' .. each .. ' ' .. minted .. ' ' .. KEYS[1]) end
end
return 'granted ' .. now .. ' ' .. ARGV[2] .. ' ' .. granted
`,
}
