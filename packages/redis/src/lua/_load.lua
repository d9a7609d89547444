-- Reads the lease of a load: t = token of the loader, w = somebody waits for it,
-- x and r = token and reason of the load that failed last.
local holder, awaited, failed, reason = unpack(redis.call('HMGET', loadKey, 't', 'w', 'x', 'r'))
if not holder and not failed and redis.call('EXISTS', loadKey) == 1 then
  return redis.error_reply('WRONGTYPE not the lease of a load')
end
