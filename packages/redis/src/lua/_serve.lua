-- Grants to the waiters, a text each: token, units, capacity, grant ms, enqueued ms, subscriber; behind
-- the grant ms, with an x, how many fences if several. KEYS[2] lists them, first come first, KEYS[3] has
-- them by token. Grants from the head while units fit; who does not listen any more is skipped. `asking`
-- and `heard` are told by the reply, the others by a push.
-- `blocked` is the capacity of a head that does not fit.
local blocked, minted, told, pushed
local size = used == 0 and math.huge or capacity + 0
while used < size and not ARGV.unqueued do
  -- With nobody in the way whoever is first fits. Not in an acquire: after any write the server, out of
  -- memory, refuses no other.
  local taken = used == 0 and not asking
  local waiter = taken and redis.call('LPOP', KEYS[2])
  if not taken then waiter = redis.call('LINDEX', KEYS[2], '0') end
  if not waiter then break end
  local each, units, of, grantMs, fences, sinceMs, subscriber =
    string.match(waiter, '^([^ ]+) (%d+) (%d+) (%d+)x?(%d*) (%d+) (.+)$')
  local alive = each and (each == asking or heard[subscriber])
  if each and not alive then
    -- A channel with a hash tag is of Redis Cluster, and heard where the keys are.
    local count = string.find(subscriber, '{', 1, true) and 'SHARDNUMSUB' or 'NUMSUB'
    alive = redis.call('PUBSUB', count, subscriber)[2] > 0
  end
  if alive then
    size, used = of + 0, used + units
    if used > size then
      blocked = of
      if taken then
        redis.call('LPUSH', KEYS[2], waiter)
        redis.call('PEXPIRE', KEYS[2], 60000)
      end
      break
    end
  end
  if each then redis.call('HDEL', KEYS[3], each) end
  if not taken then redis.call('LPOP', KEYS[2]) end
  if alive then
    capacity = of
    local block = fences ~= '' and fences
--#include _mint
--#include _hold
    hold(each, units, each == asking and askedMs or grantMs, minted, subscriber)
    if each == asking then
      granted = minted
    else
      if not told then told, pushed = {}, {} end
      local list = heard[subscriber] and told or pushed
      list[#list + 1] = subscriber
      list[#list + 1] = each .. ' ' .. minted .. ' ' .. grantMs .. ' ' .. sinceMs .. ' ' .. now .. ' ' .. KEYS[1]
    end
  end
end
