import { lateGuard } from './late-guard.ts'
import type { LuaMutant } from './lua-mutant.ts'

/** Mistakes in what entries are made of. */
export const CACHE_MUTANTS: readonly LuaMutant[] = [
  {
    name: 'no version can be read',
    file: '_entry.lua',
    search: "redis.call('GETRANGE', KEYS[1], 0, 64)",
    replace: "redis.call('GETRANGE', KEYS[1], 0, 0)",
  },
  {
    name: 'a version has a byte too many',
    file: '_entry.lua',
    search: '1 + string.byte(head)),',
    replace: '2 + string.byte(head)),',
  },
  {
    name: 'a voided load is stored while somebody else loads',
    file: 'cache-commit.lua',
    search: 'if holder ~= ARGV[1] then return 0 end',
    replace: 'if not holder then return 0 end',
  },
  {
    name: 'a load is stored without a lease',
    file: 'cache-commit.lua',
    search: 'if holder ~= ARGV[1] then return 0 end',
    replace: 'if holder and holder ~= ARGV[1] then return 0 end holder = ARGV[1]',
  },
  {
    name: 'the lease outlives the load',
    file: 'cache-commit.lua',
    search: "redis.call('DEL', loadKey)\n",
    replace: '',
  },
  {
    name: 'a load that nobody waits for is told',
    file: 'cache-commit.lua',
    search: 'if awaited then',
    replace: 'if true then',
  },
  {
    name: 'a load is not announced',
    file: 'cache-commit.lua',
    search: "if ARGV[5] == '1' then",
    replace: 'if false then',
  },
  {
    name: 'a loaded value has a ttl in seconds',
    file: 'cache-commit.lua',
    search: "'PX', ARGV[3]",
    replace: "'EX', ARGV[3]",
  },
  {
    name: 'a late comparison is run',
    file: 'cache-compare-and-set.lua',
    search: lateGuard(3),
    replace: '',
  },
  {
    name: 'a repeated comparison is a conflict',
    file: 'cache-compare-and-set.lua',
    search: 'if found ~= ARGV[5] then',
    replace: 'if true then',
  },
  {
    name: 'any version is the one expected',
    file: 'cache-compare-and-set.lua',
    search: "  if found ~= ARGV[6] then return { 'conflict', nowMs, found } end\n",
    replace: '',
  },
  {
    name: 'a missing entry has any version',
    file: 'cache-compare-and-set.lua',
    search: "local found = version or ''",
    replace: 'local found = version or ARGV[6]',
  },
  {
    name: 'a comparison lets an older load go on',
    file: 'cache-compare-and-set.lua',
    search: "  redis.call('DEL', loadKey)\n",
    replace: '',
  },
  {
    name: 'a comparison does not tell that it ended a load',
    file: 'cache-compare-and-set.lua',
    search: 'if holder then redis.call',
    replace: 'if false then redis.call',
  },
  {
    name: 'a comparison is not announced',
    file: 'cache-compare-and-set.lua',
    search: "if ARGV[7] == '1' then",
    replace: 'if false then',
  },
  {
    name: 'a removal lets an older load go on',
    file: 'cache-remove.lua',
    search: "redis.call('DEL', loadKey)\n",
    replace: '',
  },
  {
    name: 'a removal removes nothing',
    file: 'cache-remove.lua',
    search: "redis.call('DEL', KEYS[1])",
    replace: "redis.call('EXISTS', KEYS[1])",
  },
  {
    name: 'a removal does not tell that it ended a load',
    file: 'cache-remove.lua',
    search: 'if holder then redis.call',
    replace: 'if false then redis.call',
  },
  {
    name: 'a removal is always announced',
    file: 'cache-remove.lua',
    search: "if ARGV[2] == '1' then",
    replace: 'if true then',
  },
  { name: 'a late write is run', file: 'cache-write.lua', search: lateGuard(3), replace: '' },
  {
    name: 'a write keeps the ttl of before',
    file: 'cache-write.lua',
    search: "redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])",
    replace: "redis.call('SET', KEYS[1], ARGV[1], 'PX', 60000)",
  },
  {
    name: 'a written value has no ttl',
    file: 'cache-write.lua',
    search: ", 'PX', ARGV[2])",
    replace: ')',
  },
  {
    name: 'a write lets an older load go on',
    file: 'cache-write.lua',
    search: "redis.call('DEL', loadKey)\n",
    replace: '',
  },
  {
    name: 'a write does not tell that it ended a load',
    file: 'cache-write.lua',
    search: 'if holder then redis.call',
    replace: 'if false then redis.call',
  },
  {
    name: 'a write is not announced',
    file: 'cache-write.lua',
    search: "if ARGV[5] == '1' then",
    replace: 'if false then',
  },
]
