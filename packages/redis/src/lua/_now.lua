-- The server's clock, the only one that counts; the same for runs in one call. Texts of its digits are kept:
-- Lua's own conversion of a number to one takes longer than a command, and loses the last digits of a fence.
local nowUs, now, nowMs = ARGV.nowUs, ARGV.now, ARGV.nowMs
if not nowUs then
  local time = redis.call('TIME')
  nowUs = time[1] .. string.sub('00000' .. time[2], -6)
  now = string.sub(nowUs, 1, -4)
  nowMs = tonumber(now)
end
