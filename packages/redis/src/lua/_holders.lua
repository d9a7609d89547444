-- Reads the live holders of KEYS[1], token = { units, fence, untilMs, subscriber }, and drops the
-- expired. A fence stays a text: Lua's own conversion to one keeps 14 digits, and any other is slow.
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
