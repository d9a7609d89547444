-- Moves the end of a lease that is still this token's; never re-creates one.
-- KEYS[1] holders
-- ARGV[1] owner token  ARGV[2] ttl in ms  ARGV[3] store ms after which to do nothing, or ''
-- Returns {'extended', now, ttl}, {'absent', now}, {'taken', now} or {'late', now}.

--#include _now
if ARGV[3] ~= '' and nowMs > tonumber(ARGV[3]) then return { 'late', nowMs } end
--#include _holders
--#include _put
--#include _keep
local mine = holders[ARGV[1]]
if not mine then return { next(holders) and 'taken' or 'absent', nowMs } end
mine.untilMs = nowMs + tonumber(ARGV[2])
-- In this order: out of memory, a server refuses the HSET unless the script has written before.
keep()
put(ARGV[1], mine, capacity)
return { 'extended', nowMs, tonumber(ARGV[2]) }
