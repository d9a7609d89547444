-- Moves the end of a lease that is still this token's, and gives it a new token; never re-creates one.
-- KEYS[1] holders
-- ARGV[1] owner token  ARGV[2] ttl in ms  ARGV[3] store ms after which to do nothing, or ''
-- ARGV[4] the new owner token, or ''
-- Returns {'extended', now, ttl}, {'absent', now}, {'taken', now} or {'late', now}.

--#include _now
if ARGV[3] ~= '' and nowMs > tonumber(ARGV[3]) then return { 'late', nowMs } end
--#include _holders
--#include _put
--#include _keep
local token, newToken = ARGV[1], ARGV[4]
if holders[newToken] then token = newToken end
local mine = holders[token]
if not mine then return { next(holders) and 'taken' or 'absent', nowMs } end
mine.untilMs = nowMs + tonumber(ARGV[2])
-- In this order: out of memory, a server refuses the HSET unless the script has written before.
keep()
if newToken == '' then newToken = token end
-- Its old subscriber knows nothing of the new token.
if newToken ~= token then mine.subscriber = '' end
put(newToken, mine, capacity)
if newToken ~= token then redis.call('HDEL', KEYS[1], token) end
return { 'extended', nowMs, tonumber(ARGV[2]) }
