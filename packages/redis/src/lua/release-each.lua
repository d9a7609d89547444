-- Ends leases as release does, one after the other.
-- KEYS[1] holders  KEYS[2] queue  KEYS[3] waiters, of each in turn
-- ARGV as _each says, of release's ARGV[1] ARGV[2]
-- Returns as _each says, replies of release of at most 2 words.

local size, plain = 3, 2
local function run(KEYS, ARGV)
--#include release
end
--#include _each
