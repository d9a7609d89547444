import { lateGuard } from './late-guard.ts'
import type { LuaMutant } from './lua-mutant.ts'

/** Mistakes in who loads an entry, and for how long. */
export const LOAD_MUTANTS: readonly LuaMutant[] = [
  {
    name: 'a token is told for the reason of a failure',
    file: '_load.lua',
    search: "'t', 'w', 'x', 'r'",
    replace: "'t', 'w', 'x', 'x'",
  },
  {
    name: 'whoever failed counts as a loader',
    file: '_load.lua',
    search: "'t', 'w', 'x', 'r'",
    replace: "'x', 'w', 'x', 'r'",
  },
  {
    name: 'a failure ends the load of somebody else',
    file: 'cache-fail.lua',
    search: 'if holder ~= ARGV[1] then return 0 end',
    replace: 'if not holder then return 0 end',
  },
  {
    name: 'a failed load keeps its lease',
    file: 'cache-fail.lua',
    search: "redis.call('DEL', loadKey)\n",
    replace: '',
  },
  {
    name: 'a failure is kept though nobody waits',
    file: 'cache-fail.lua',
    search: 'if awaited then',
    replace: 'if true then',
  },
  {
    name: 'the reason of a failure is kept for ever',
    file: 'cache-fail.lua',
    search: "  redis.call('PEXPIRE', loadKey, ARGV[3])\n",
    replace: '',
  },
  {
    name: 'the reason of a failure is not told',
    file: 'cache-fail.lua',
    search: " .. ' ' .. ARGV[2])",
    replace: ')',
  },
  {
    name: 'what was seen already counts as new',
    file: 'cache-lease.lua',
    search: 'if version and version ~= ARGV[3] then',
    replace: 'if version then',
  },
  {
    name: 'what came meanwhile is not looked at',
    file: 'cache-lease.lua',
    search: 'if version and version ~= ARGV[3] then',
    replace: "if version and ARGV[3] == '' then",
  },
  {
    name: 'the failure of another load is told',
    file: 'cache-lease.lua',
    search: 'if failed and failed == ARGV[4] then',
    replace: 'if failed then',
  },
  {
    name: 'a value that was seen has not vanished',
    file: 'cache-lease.lua',
    search: "(ARGV[3] ~= '' and not version) and 1 or 0",
    replace: '0',
  },
  {
    name: 'two load at once',
    file: 'cache-lease.lua',
    search: 'if holder and holder ~= ARGV[1] then',
    replace: 'if false then',
  },
  {
    name: 'who asks again loses to itself',
    file: 'cache-lease.lua',
    search: 'if holder and holder ~= ARGV[1] then',
    replace: 'if holder then',
  },
  {
    name: 'who waits is not noted',
    file: 'cache-lease.lua',
    search: "  redis.call('HSET', loadKey, 'w', '1')\n",
    replace: '',
  },
  {
    name: 'a load has a lease without end',
    file: 'cache-lease.lua',
    search: "redis.call('PEXPIRE', loadKey, ARGV[2])\n",
    replace: '',
  },
  {
    name: 'who lost is told to wait for the ttl of the entry',
    file: 'cache-lease.lua',
    search: "redis.call('PTTL', loadKey)",
    replace: "redis.call('PTTL', KEYS[1])",
  },
  {
    name: 'a lost lease is renewed',
    file: 'cache-renew.lua',
    search: 'if holder ~= ARGV[1] then return 0 end',
    replace: 'if not holder then return 0 end',
  },
  {
    name: 'a renewal moves nothing',
    file: 'cache-renew.lua',
    search: "redis.call('PEXPIRE', loadKey, ARGV[2])\n",
    replace: '',
  },
  { name: 'a late election is run', file: 'cache-lease.lua', search: lateGuard(5), replace: '' },
]
