-- Grants leases as acquire does, one after the other.
-- KEYS[1] holders  KEYS[2] queue  KEYS[3] waiters, of each in turn
-- ARGV as _each says, of acquire's ARGV[1] ARGV[2] ARGV[3] ARGV[4] ARGV[5] ARGV[6] ARGV[7] ARGV[8]
-- Returns as _each says, of what acquire returns.

local size = 3
local function run(KEYS, ARGV)
--#include acquire
end
--#include _each
