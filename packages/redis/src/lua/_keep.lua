-- The key lives as long as the last of its holders.
local function keep()
  local lastEndMs = 0
  for _, holder in pairs(holders) do lastEndMs = math.max(lastEndMs, holder.untilMs) end
  redis.call('PEXPIREAT', KEYS[1], string.format('%.0f', lastEndMs))
end
