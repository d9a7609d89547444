-- Takes `token` out of the queue; whether it had a place.
local forgotten = redis.call('HGET', KEYS[3], token)
if forgotten then
  redis.call('HDEL', KEYS[3], token)
  redis.call('LREM', KEYS[2], 1, forgotten)
end
