-- The key of the holders lives as long as the last of them.
local function keep()
  local lastMs = 0
  for _, holder in pairs(holders) do lastMs = math.max(lastMs, holder.untilMs) end
  redis.call('PEXPIREAT', KEYS[1], lastMs)
end
