// Written by scripts/embed-lua.mjs from src/lua/*.lua. Do not edit: run `pnpm embed`.

import type { Script } from './script.ts'

/** Grants a lease and mints its fence, or says why not; repeated by its holder it re-sets the TTL. Returns {'granted', now, ttl, fence}, {'held', now, ms to the first end}, {'mismatch', now, capacity} or {'late', now}. */
export const acquire: Script = {
  name: 'acquire',
  keys: 2,
  sha1: '8bda6e0d0e459bbd9801776417d460eb7a3237bc',
  source: `local time = redis.call('TIME')
local nowUs = time[1] * 1000000 + time[2]
local nowMs = math.floor(nowUs / 1000)
if ARGV[5] ~= '' and nowMs > tonumber(ARGV[5]) then return { 'late', nowMs } end
local holders, used, capacity, firstEndMs = {}, 0, 1, math.huge
local expired, fields = {}, redis.call('HGETALL', KEYS[1])
for i = 1, #fields, 2 do
  local units, of, fence, untilMs = string.match(fields[i + 1], '^(%d+):(%d+):(%d+):(%d+)$')
  if not units then return redis.error_reply('WRONGTYPE not a lease') end
  untilMs = tonumber(untilMs)
  if untilMs > nowMs then
    holders[fields[i]] = { units = tonumber(units), fence = tonumber(fence), untilMs = untilMs }
    used, capacity = used + tonumber(units), tonumber(of)
    firstEndMs = math.min(firstEndMs, untilMs)
  else
    expired[#expired + 1] = fields[i]
  end
end
-- After the loop: a key with a single field that is not ours stays as it is.
for _, token in ipairs(expired) do redis.call('HDEL', KEYS[1], token) end
local function put(token, holder, of)
  -- Lua's own conversion keeps 14 digits.
  local value = string.format('%.0f:%.0f:%.0f:%.0f', holder.units, of, holder.fence, holder.untilMs)
  redis.call('HSET', KEYS[1], token, value)
  holders[token] = holder
end
local function keep()
  local lastEndMs = 0
  for _, holder in pairs(holders) do lastEndMs = math.max(lastEndMs, holder.untilMs) end
  redis.call('PEXPIREAT', KEYS[1], string.format('%.0f', lastEndMs))
end
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
`,
}

/** Stores the loaded value if the lease is still the load's, and ends the lease. Returns 1, or 0 when the load was fenced off. */
export const cacheCommit: Script = {
  name: 'cache-commit',
  keys: 2,
  sha1: '668be3772de395272995b1483d3ce0aca8dd6b78',
  source: `local head, version = redis.call('GETRANGE', KEYS[1], 0, 64), false
if head ~= '' then
  version = string.match(string.sub(head, 2, 1 + string.byte(head)), '^[!-~]+$')
  if not version or #version ~= string.byte(head) then
    return redis.error_reply('WRONGTYPE not an entry')
  end
end
local loadKey = KEYS[2]
local holder, awaited, failed, reason = unpack(redis.call('HMGET', loadKey, 't', 'w', 'x', 'r'))
if not holder and not failed and redis.call('EXISTS', loadKey) == 1 then
  return redis.error_reply('WRONGTYPE not the lease of a load')
end
if holder ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
redis.call('DEL', loadKey)
return 1
`,
}

/** Ends the load's lease without a value; the reason stays if somebody waits for it. Returns 1, or 0 when the lease is not this token's. */
export const cacheFail: Script = {
  name: 'cache-fail',
  keys: 1,
  sha1: '70ff7afaa92d14425cef2a0974e37940b1b55e39',
  source: `local loadKey = KEYS[1]
local holder, awaited, failed, reason = unpack(redis.call('HMGET', loadKey, 't', 'w', 'x', 'r'))
if not holder and not failed and redis.call('EXISTS', loadKey) == 1 then
  return redis.error_reply('WRONGTYPE not the lease of a load')
end
if holder ~= ARGV[1] then return 0 end
redis.call('DEL', loadKey)
if awaited then
  redis.call('HSET', loadKey, 'x', ARGV[1], 'r', ARGV[2])
  redis.call('PEXPIRE', loadKey, ARGV[3])
end
return 1
`,
}

/** Looks again and elects one loader. Returns {'fresh', now, entry}, {'failed', now, reason}, {'won', now, vanished}, {'lost', now, vanished, remaining ms, token of the loader} or {'late', now}. */
export const cacheLease: Script = {
  name: 'cache-lease',
  keys: 2,
  sha1: '80d1538950e51b4470aac4be1bc6251883212071',
  source: `local time = redis.call('TIME')
local nowUs = time[1] * 1000000 + time[2]
local nowMs = math.floor(nowUs / 1000)
if ARGV[5] ~= '' and nowMs > tonumber(ARGV[5]) then return { 'late', nowMs } end
local head, version = redis.call('GETRANGE', KEYS[1], 0, 64), false
if head ~= '' then
  version = string.match(string.sub(head, 2, 1 + string.byte(head)), '^[!-~]+$')
  if not version or #version ~= string.byte(head) then
    return redis.error_reply('WRONGTYPE not an entry')
  end
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
  sha1: '7a7d56fb767ee9898757c04ac01d648a649f2130',
  source: `local head, version = redis.call('GETRANGE', KEYS[1], 0, 64), false
if head ~= '' then
  version = string.match(string.sub(head, 2, 1 + string.byte(head)), '^[!-~]+$')
  if not version or #version ~= string.byte(head) then
    return redis.error_reply('WRONGTYPE not an entry')
  end
end
local loadKey = KEYS[2]
local holder, awaited, failed, reason = unpack(redis.call('HMGET', loadKey, 't', 'w', 'x', 'r'))
if not holder and not failed and redis.call('EXISTS', loadKey) == 1 then
  return redis.error_reply('WRONGTYPE not the lease of a load')
end
redis.call('DEL', loadKey)
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
  sha1: '445fbd6ae7f7fb5f4c2fdb15cae5ce5ef39bfb90',
  source: `local time = redis.call('TIME')
local nowUs = time[1] * 1000000 + time[2]
local nowMs = math.floor(nowUs / 1000)
if ARGV[3] ~= '' and nowMs > tonumber(ARGV[3]) then return { 'late', nowMs } end
local head, version = redis.call('GETRANGE', KEYS[1], 0, 64), false
if head ~= '' then
  version = string.match(string.sub(head, 2, 1 + string.byte(head)), '^[!-~]+$')
  if not version or #version ~= string.byte(head) then
    return redis.error_reply('WRONGTYPE not an entry')
  end
end
local loadKey = KEYS[2]
local holder, awaited, failed, reason = unpack(redis.call('HMGET', loadKey, 't', 'w', 'x', 'r'))
if not holder and not failed and redis.call('EXISTS', loadKey) == 1 then
  return redis.error_reply('WRONGTYPE not the lease of a load')
end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
redis.call('DEL', loadKey)
return { 'written', nowMs }
`,
}

/** Moves the end of a lease that is still this token's; never re-creates one. Returns {'extended', now, ttl}, {'absent', now}, {'taken', now} or {'late', now}. */
export const extend: Script = {
  name: 'extend',
  keys: 1,
  sha1: 'aa7512491bb43331d1e1da9f3d462a924e88ba76',
  source: `local time = redis.call('TIME')
local nowUs = time[1] * 1000000 + time[2]
local nowMs = math.floor(nowUs / 1000)
if ARGV[3] ~= '' and nowMs > tonumber(ARGV[3]) then return { 'late', nowMs } end
local holders, used, capacity, firstEndMs = {}, 0, 1, math.huge
local expired, fields = {}, redis.call('HGETALL', KEYS[1])
for i = 1, #fields, 2 do
  local units, of, fence, untilMs = string.match(fields[i + 1], '^(%d+):(%d+):(%d+):(%d+)$')
  if not units then return redis.error_reply('WRONGTYPE not a lease') end
  untilMs = tonumber(untilMs)
  if untilMs > nowMs then
    holders[fields[i]] = { units = tonumber(units), fence = tonumber(fence), untilMs = untilMs }
    used, capacity = used + tonumber(units), tonumber(of)
    firstEndMs = math.min(firstEndMs, untilMs)
  else
    expired[#expired + 1] = fields[i]
  end
end
-- After the loop: a key with a single field that is not ours stays as it is.
for _, token in ipairs(expired) do redis.call('HDEL', KEYS[1], token) end
local function put(token, holder, of)
  -- Lua's own conversion keeps 14 digits.
  local value = string.format('%.0f:%.0f:%.0f:%.0f', holder.units, of, holder.fence, holder.untilMs)
  redis.call('HSET', KEYS[1], token, value)
  holders[token] = holder
end
local function keep()
  local lastEndMs = 0
  for _, holder in pairs(holders) do lastEndMs = math.max(lastEndMs, holder.untilMs) end
  redis.call('PEXPIREAT', KEYS[1], string.format('%.0f', lastEndMs))
end
local mine = holders[ARGV[1]]
if not mine then return { next(holders) and 'taken' or 'absent', nowMs } end
mine.untilMs = nowMs + tonumber(ARGV[2])
-- In this order: out of memory, a server refuses the HSET unless the script has written before.
keep()
put(ARGV[1], mine, capacity)
return { 'extended', nowMs, tonumber(ARGV[2]) }
`,
}

/** Lists the holders. Returns {capacity, token, units, remaining ms, fence, token, …}, in no order. */
export const inspect: Script = {
  name: 'inspect',
  keys: 1,
  sha1: 'efca993c9d7be102592c813362f9a1af48fd88be',
  source: `local time = redis.call('TIME')
local nowUs = time[1] * 1000000 + time[2]
local nowMs = math.floor(nowUs / 1000)
local holders, used, capacity, firstEndMs = {}, 0, 1, math.huge
local expired, fields = {}, redis.call('HGETALL', KEYS[1])
for i = 1, #fields, 2 do
  local units, of, fence, untilMs = string.match(fields[i + 1], '^(%d+):(%d+):(%d+):(%d+)$')
  if not units then return redis.error_reply('WRONGTYPE not a lease') end
  untilMs = tonumber(untilMs)
  if untilMs > nowMs then
    holders[fields[i]] = { units = tonumber(units), fence = tonumber(fence), untilMs = untilMs }
    used, capacity = used + tonumber(units), tonumber(of)
    firstEndMs = math.min(firstEndMs, untilMs)
  else
    expired[#expired + 1] = fields[i]
  end
end
-- After the loop: a key with a single field that is not ours stays as it is.
for _, token in ipairs(expired) do redis.call('HDEL', KEYS[1], token) end
local reply = { capacity }
for token, holder in pairs(holders) do
  for _, fact in ipairs({ token, holder.units, holder.untilMs - nowMs, holder.fence }) do
    reply[#reply + 1] = fact
  end
end
return reply
`,
}

/** Ends the lease of this token and no other. Returns {'released', now}, {'absent', now} or {'taken', now}. */
export const release: Script = {
  name: 'release',
  keys: 1,
  sha1: '70982dd6012343795379f319a34221b469d757fe',
  source: `local time = redis.call('TIME')
local nowUs = time[1] * 1000000 + time[2]
local nowMs = math.floor(nowUs / 1000)
local holders, used, capacity, firstEndMs = {}, 0, 1, math.huge
local expired, fields = {}, redis.call('HGETALL', KEYS[1])
for i = 1, #fields, 2 do
  local units, of, fence, untilMs = string.match(fields[i + 1], '^(%d+):(%d+):(%d+):(%d+)$')
  if not units then return redis.error_reply('WRONGTYPE not a lease') end
  untilMs = tonumber(untilMs)
  if untilMs > nowMs then
    holders[fields[i]] = { units = tonumber(units), fence = tonumber(fence), untilMs = untilMs }
    used, capacity = used + tonumber(units), tonumber(of)
    firstEndMs = math.min(firstEndMs, untilMs)
  else
    expired[#expired + 1] = fields[i]
  end
end
-- After the loop: a key with a single field that is not ours stays as it is.
for _, token in ipairs(expired) do redis.call('HDEL', KEYS[1], token) end
local function keep()
  local lastEndMs = 0
  for _, holder in pairs(holders) do lastEndMs = math.max(lastEndMs, holder.untilMs) end
  redis.call('PEXPIREAT', KEYS[1], string.format('%.0f', lastEndMs))
end
if not holders[ARGV[1]] then return { next(holders) and 'taken' or 'absent', nowMs } end
redis.call('HDEL', KEYS[1], ARGV[1])
holders[ARGV[1]] = nil
keep()
return { 'released', nowMs }
`,
}
