-- Writes one holder of KEYS[1].
local changed = false
local function put(token, holder, of)
  local value = holder.units .. ':' .. of .. ':' .. holder.fence .. ':' .. holder.untilMs
  if holder.subscriber ~= '' then value = value .. ':' .. holder.subscriber end
  redis.call('HSET', KEYS[1], token, value)
  holders[token], changed = holder, true
end
