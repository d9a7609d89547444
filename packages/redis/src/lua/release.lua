-- Ends the lease of this token and no other, and gives it to who waits.
-- KEYS[1] holders  KEYS[2] fence counter  KEYS[3] queue  KEYS[4] waiters
-- ARGV[1] owner token  ARGV[2] … channels that the caller hears: grants to them come in the reply
-- Returns {'released', now, channel, grant, …}, {'absent', now, …} or {'taken', now, …}.

--#include _now
--#include _holders
--#include _put
--#include _keep
--#include _queue
for i = 2, #ARGV do told[ARGV[i]] = true end
local mine = holders[ARGV[1]]
if mine then drop(ARGV[1]) end
serve()
if next(holders) then keep() end
return { mine and 'released' or next(holders) and 'taken' or 'absent', nowMs, unpack(told) }
