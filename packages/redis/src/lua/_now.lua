-- The server's clock, the only one that counts; read once for several runs. Texts of its digits are kept: Lua's own conversion of a
-- number to one takes longer than a command, and loses the last digits of a fence.
local time = ARGV.time or redis.call('TIME')
local nowUs = time[1] .. string.sub('00000' .. time[2], -6)
local now = string.sub(nowUs, 1, -4)
local nowMs = tonumber(now)
