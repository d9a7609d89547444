import type { LuaMutant } from './lua-mutant.ts'

/** Mistakes in who is granted a lease, and who waits. */
export const ACQUIRE_MUTANTS: readonly LuaMutant[] = [
  {
    name: 'a late acquire is run',
    file: 'acquire.lua',
    search: 'local limit = ARGV[3]\n',
    replace: 'local limit\n',
  },
  {
    name: 'who finds it free goes before those who wait',
    file: 'acquire.lua',
    search: "(ARGV.unqueued or not redis.call('LINDEX', KEYS[2], '0'))",
    replace: 'true',
  },
  {
    name: 'who finds it free has a ttl of one second',
    file: 'acquire.lua',
    search: "now .. ' ' .. ttlMs .. ' ' .. minted .. ' ' .. subscriber .. '\\n'",
    replace: "now .. ' 1000 ' .. minted .. ' ' .. subscriber .. '\\n'",
  },
  {
    name: 'who finds it free is not told of a theft',
    file: 'acquire.lua',
    search: "minted .. ' ' .. subscriber .. '\\n'",
    replace: "minted .. ' \\n'",
  },
  {
    name: 'a key ends before a long lease of something free',
    file: 'acquire.lua',
    search: "#ttlMs > 7 and ttlMs + 0 > 86400000 and ttlMs or '86400000'",
    replace: "'86400000'",
  },
  {
    name: 'the last fence is forgotten with the lease of something free',
    file: 'acquire.lua',
    search: "#ttlMs > 7 and ttlMs + 0 > 86400000 and ttlMs or '86400000'",
    replace: 'ttlMs',
  },
  {
    name: 'who asks again does not use its units meanwhile',
    file: 'acquire.lua',
    search: 'granted, used = fence, used + myUnits',
    replace: 'granted = fence',
  },
  {
    name: 'who asks again keeps the old ttl',
    file: 'acquire.lua',
    search: 'hold(token, myUnits, ttlMs, fence, subscriber)',
    replace: 'hold(token, myUnits, 60000, fence, subscriber)',
  },
  {
    name: 'who asks again is not told that it was known',
    file: 'acquire.lua',
    search: "local kept, isMismatch = granted and '1' or '0', false",
    replace: "local kept, isMismatch = '0', false",
  },
  {
    name: 'the capacity of who waits is not heeded',
    file: 'acquire.lua',
    search: '  if blocked and #lines == 0 then capacity = blocked end\n',
    replace: '',
  },
  {
    name: 'another capacity than that of the waiters is taken',
    file: 'acquire.lua',
    search: '(blocked or #lines > 0) and capacity ~= asked',
    replace: '#lines > 0 and capacity ~= asked',
  },
  {
    name: 'everybody fits',
    file: 'acquire.lua',
    search: 'units + used <= asked + 0',
    replace: 'true',
  },
  {
    name: 'who waits gets one fence, however many it has asked for',
    file: 'acquire.lua',
    search: "(ARGV[8] and 'x' .. ARGV[8] or '')",
    replace: "''",
  },
  {
    name: 'who is granted at once gets one fence, however many it has asked for',
    file: 'acquire.lua',
    search: 'local block = ARGV[8]',
    replace: 'local block',
  },
  {
    name: 'who waits already is told that it is new',
    file: 'acquire.lua',
    search: "== 0 then kept = '1'",
    replace: "== 0 then kept = '0'",
  },
  {
    name: 'who waits already is queued again',
    file: 'acquire.lua',
    search: "if redis.call('HSETNX', KEYS[3], token, waiter) == 0 then kept = '1'",
    replace: "if redis.call('HSETNX', KEYS[3], token, waiter) == 2 then kept = '1'",
  },
  {
    name: 'who comes last is served first',
    file: 'acquire.lua',
    search: "redis.call('RPUSH', KEYS[2], waiter)",
    replace: "redis.call('LPUSH', KEYS[2], waiter)",
  },
  {
    name: 'who stops to wait is told that it was unknown',
    file: 'acquire.lua',
    search: "  if forgotten then kept = '1' end\n",
    replace: '',
  },
  {
    name: 'the queue ends with the lease',
    file: 'acquire.lua',
    search: 'firstEndMs + 60000',
    replace: 'firstEndMs',
  },
  {
    name: 'the waiters have no ttl',
    file: 'acquire.lua',
    search: "redis.call('PEXPIRE', KEYS[3], keepMs)",
    replace: '',
  },
  {
    name: 'the last end is told for the first',
    file: 'acquire.lua',
    search: "held and firstEndMs or 'Infinity'",
    replace: "held and leftMs or 'Infinity'",
  },
]
