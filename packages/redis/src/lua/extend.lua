-- Moves the end of a lease that is still this token's, and gives it a new token; never re-creates one.
-- KEYS[1] holders
-- ARGV[1] owner token  ARGV[2] ttl in ms  ARGV[3] store ms after which to do nothing, or ''
-- ARGV[4] the new owner token, if there is one
-- Returns 'extended', now, ttl; 'absent', now; 'taken', now; or 'late', now; as one text, with spaces.

--#include _now
local limit = ARGV[3]
--#include _late
--#include _read
local isTaken = false
for _, token in ipairs(ARGV[4] and { ARGV[4], ARGV[1] } or { ARGV[1] }) do
--#include _holders
--#include _hold
  if mine then
    local heir = ARGV[4] or token
--#include _mine
    -- Its old subscriber knows nothing of the new token.
    hold(heir, myUnits, ARGV[2], fence, heir == token and subscriber or '')
    -- Out of memory, a server refuses SET, unless the script has written before: nobody is let down by it.
    redis.call('PEXPIRE', KEYS[1], leftMs > 86400000 and leftMs or '86400000')
    redis.call('SET', KEYS[1], lastFence .. '\n' .. table.concat(lines), 'KEEPTTL')
    return 'extended ' .. now .. ' ' .. ARGV[2]
  end
  isTaken = #lines > 0
end
return (isTaken and 'taken ' or 'absent ') .. now
