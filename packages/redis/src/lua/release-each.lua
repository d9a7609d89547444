-- Ends leases as release does, one after the other.
-- KEYS[1] holders  KEYS[2] queue  KEYS[3] waiters, of each in turn
-- ARGV as _each says, of release's ARGV[1] ARGV[2]
-- Returns as _each says, of what release returns.

local size = 3
-- Out of memory, a server refuses SET, unless the script has written before: nobody is let down by it. No waiter is
-- called this, so nothing is removed.
redis.pcall('LREM', KEYS[2], '1', '')
local function run(KEYS, ARGV)
--#include release
end
--#include _each
