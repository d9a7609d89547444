-- Ends the lease of this token and no other.
-- KEYS[1] holders
-- ARGV[1] owner token
-- Returns {'released', now}, {'absent', now} or {'taken', now}.

--#include _now
--#include _holders
--#include _keep
if not holders[ARGV[1]] then return { next(holders) and 'taken' or 'absent', nowMs } end
redis.call('HDEL', KEYS[1], ARGV[1])
holders[ARGV[1]] = nil
keep()
return { 'released', nowMs }
