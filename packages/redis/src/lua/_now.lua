-- The server's clock, the only one that counts; the same for runs in one call. Texts of its digits are kept:
-- Lua's own conversion of a number to one takes longer than a command, and loses the last digits of a fence.
local nowUs, now = ARGV.nowUs, ARGV.now
if not nowUs then
  local time = redis.call('TIME')
  local micros = time[2]
  if #micros < 6 then micros = string.sub('00000' .. micros, -6) end
  nowUs = time[1] .. micros
  now = string.sub(nowUs, 1, -4)
end
