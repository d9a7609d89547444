-- The text of a lease.
local held = ARGV.held or redis.call('GET', KEYS[1]) or '0\n'
