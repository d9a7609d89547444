// Written by scripts/embed-lua.mjs from src/lua/*.lua. Do not edit: run `pnpm embed`.

import type { Script } from './script.ts'

/** Says how long a node, by its own clock, will know of a lease that lasts until a given time at least. Returns the remaining ms, 0 or less when the token holds nothing here, or only what it held before. */
export const knowsHolder: Script = {
  name: 'knows-holder',
  keys: 1,
  sha1: 'b5824caada824e8dfaef5414e45e089ca9544c80',
  source: `local time = redis.call('TIME')
local nowMs = math.floor((time[1] * 1000000 + time[2]) / 1000)
local lines = string.gmatch(redis.call('GET', KEYS[1]) or '', '([^ \\n]+) %d+ %d+ (%d+) (%d+) [^\\n]*\\n')
for token, sinceMs, ttlMs in lines do
  local untilMs = sinceMs + ttlMs
  if token == ARGV[1] and untilMs >= tonumber(ARGV[2]) then
    return math.min(redis.call('PTTL', KEYS[1]), untilMs - nowMs)
  end
end
return 0
`,
}
