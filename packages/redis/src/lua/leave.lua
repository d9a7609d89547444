-- Gives up a place in the queue, and the lease if it was granted meanwhile.
-- KEYS[1] holders  KEYS[2] fence counter  KEYS[3] queue  KEYS[4] waiters
-- ARGV[1] owner token
-- Returns {'left', now}, {'released', now} or {'absent', now}.

--#include _now
--#include _holders
--#include _put
--#include _keep
--#include _queue
local left = forget(ARGV[1])
local mine = holders[ARGV[1]]
if mine then drop(ARGV[1]) end
serve()
if next(holders) then keep() end
return { left and 'left' or mine and 'released' or 'absent', nowMs }
