-- Removes an entry and voids the lease of its load.
-- KEYS[1] entry  KEYS[2] lease of its load
-- ARGV none
-- Returns 1, or 0 when there was no entry.

--#include _entry
local loadKey = KEYS[2]
--#include _load
redis.call('DEL', loadKey)
return redis.call('DEL', KEYS[1])
