import type { LuaMutant } from './lua-mutant.ts'

/** Mistakes in what becomes of a lease that is held, and of a place in the queue. */
export const LEASE_MUTANTS: readonly LuaMutant[] = [
  {
    name: 'a late extend is run',
    file: 'extend.lua',
    search: 'local limit = ARGV[3]\n',
    replace: 'local limit\n',
  },
  {
    name: 'a repeated handover finds nothing',
    file: 'extend.lua',
    search: '{ ARGV[4], ARGV[1] } or',
    replace: '{ ARGV[1] } or',
  },
  {
    name: 'a handover leaves the old token',
    file: 'extend.lua',
    search: 'local heir = ARGV[4] or token',
    replace: 'local heir = token',
  },
  {
    name: 'the old subscriber is told of the theft of a new token',
    file: 'extend.lua',
    search: "heir == token and subscriber or ''",
    replace: 'subscriber',
  },
  {
    name: 'an extend changes nothing',
    file: 'extend.lua',
    search: "hold(heir, myUnits, ARGV[2], fence, heir == token and subscriber or '')",
    replace: 'lines[#lines + 1] = string.sub(held, 1, 0)',
  },
  {
    name: 'a key ends before a long lease that was extended',
    file: 'extend.lua',
    search: "leftMs > 86400000 and leftMs or '86400000')\n    redis.call('SET'",
    replace: "'86400000')\n    redis.call('SET'",
  },
  {
    name: 'the last fence is forgotten with an extended lease',
    file: 'extend.lua',
    search: "leftMs > 86400000 and leftMs or '86400000')\n    redis.call('SET'",
    replace: "leftMs)\n    redis.call('SET'",
  },
  {
    name: 'what somebody else has taken counts as free',
    file: 'extend.lua',
    search: "isTaken and 'taken ' or 'absent '",
    replace: "'absent '",
  },
  {
    name: 'nobody waits',
    file: 'inspect.lua',
    search: "redis.call('LLEN', KEYS[2])",
    replace: "'0'",
  },
  {
    name: 'the ttl is told for what remains',
    file: 'inspect.lua',
    search: 'sinceMs + ttlMs - nowMs, fence',
    replace: 'ttlMs + 60000, fence',
  },
  {
    name: 'who left a lease that came meanwhile still has it',
    file: 'leave.lua',
    search: 'if mine or minted then',
    replace: 'if minted then',
  },
  {
    name: 'who left its place is told that it had none',
    file: 'leave.lua',
    search: "forgotten and 'left ' or mine",
    replace: 'mine',
  },
  {
    name: 'a release with nobody waiting is not kept',
    file: 'release.lua',
    search: 'if mine or minted then',
    replace: 'if minted then',
  },
  {
    name: 'what somebody else holds counts as released',
    file: 'release.lua',
    search: "mine and 'released ' or #lines > 0",
    replace: "(mine or #lines > 0) and 'released ' or #lines > 0",
  },
  {
    name: 'grants to the caller are told nowhere',
    file: 'release.lua',
    search: '{ reply, unpack(told) }',
    replace: '{ reply }',
  },
  {
    name: 'a late theft is run',
    file: 'steal.lua',
    search: 'local limit = ARGV[4]\n',
    replace: 'local limit\n',
  },
  {
    name: 'a thief does not heed the capacity of who waits',
    file: 'steal.lua',
    search: "if head and #lines == 0 then capacity = string.match(head, '^[^ ]+ %d+ (%d+) ') end",
    replace: '',
  },
  {
    name: 'a thief changes the capacity',
    file: 'steal.lua',
    search:
      "  if (head or #lines > 0) and capacity ~= ARGV[3] then return 'mismatch ' .. now .. ' ' .. capacity end\n",
    replace: '',
  },
  {
    name: 'a thief shares with those it has robbed',
    file: 'steal.lua',
    search: 'table.concat(lines), {}, 0, ARGV[3]',
    replace: 'table.concat(lines), lines, 0, ARGV[3]',
  },
  {
    name: 'a thief mints a fence again when it asks again',
    file: 'steal.lua',
    search: '  granted = fence\n',
    replace: "  granted = string.format('%.0f', fence + 1000000)\n",
  },
  {
    name: 'a thief takes no units',
    file: 'steal.lua',
    search: 'hold(token, ARGV[3], ARGV[2], minted, ARGV[5])',
    replace: "hold(token, '0', ARGV[2], minted, ARGV[5])",
  },
  {
    name: 'a theft is told on a sharded channel',
    file: 'steal.lua',
    search: "  subscriber = string.match(subscriber, '^[^{]*')\n",
    replace: '',
  },
  {
    name: 'a theft is not told',
    file: 'steal.lua',
    search: "if subscriber ~= '' then redis.call",
    replace: 'if false then redis.call',
  },
]
