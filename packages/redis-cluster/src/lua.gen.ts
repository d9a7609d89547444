// Written by scripts/embed-lua.mjs from src/lua/*.lua. Do not edit: run `pnpm embed`.

import type { Script } from './script.ts'

/** Says how long a node, by its own clock, will know of a lease. Returns the remaining ms, 0 or less when the token holds nothing here. */
export const knowsHolder: Script = {
  name: 'knows-holder',
  keys: 1,
  sha1: '1010ba596a98e3316db0205f19b1d325d5a9455c',
  source: `local time = redis.call('TIME')
local nowMs = math.floor((time[1] * 1000000 + time[2]) / 1000)
local holder = redis.call('HGET', KEYS[1], ARGV[1])
local untilMs = holder and string.match(holder, '^%d+:%d+:%d+:(%d+)') or 0
return math.min(redis.call('PTTL', KEYS[1]), tonumber(untilMs) - nowMs)
`,
}
