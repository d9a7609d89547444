-- Moves the ends of leases as extend does, one after the other.
-- KEYS[1] holders, of each in turn
-- ARGV as _each says, of extend's ARGV[1] ARGV[2] ARGV[3] ARGV[4]
-- Returns as _each says, of what extend returns.

local size = 1
local function run(KEYS, ARGV)
--#include extend
end
--#include _each
