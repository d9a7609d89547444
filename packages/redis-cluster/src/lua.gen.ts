// Written by scripts/embed-lua.mjs from src/lua/*.lua. Do not edit: run `pnpm embed`.

import type { Script } from './script.ts'

/** Says how long a node, by its own clock, will know of a lease that lasts until a given time at least. Returns the remaining ms, 0 or less when the token holds nothing here, or only what it held before. */
export const knowsHolder: Script = {
  name: 'knows-holder',
  keys: 1,
  sha1: '967b11c4ff844d57786d5de6ef5f45fad6c2708d',
  source: `local time = redis.call('TIME')
local nowMs = math.floor((time[1] * 1000000 + time[2]) / 1000)
local holder = redis.call('HGET', KEYS[1], ARGV[1])
local untilMs = tonumber(holder and string.match(holder, '^%d+:%d+:%d+:(%d+)') or 0)
if untilMs < tonumber(ARGV[2]) then return 0 end
return math.min(redis.call('PTTL', KEYS[1]), untilMs - nowMs)
`,
}
