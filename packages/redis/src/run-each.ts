import type { Group } from './group-runs.ts'
import type { RedisArgument } from './redis-client.ts'
import { runScript, type Script } from './script.ts'
import type { Sending, Wire } from './wire.ts'

/** What stands first in place of a reply. */
const FAILED = '!'

/**
 * Runs the script of a group for all of it, in one call; `repliesOf` reads what it answers. What is the same
 * for all is sent once, and the replies come as one text: most of what a run costs is its pieces.
 */
export function runEach(
  wire: Wire,
  each: Script,
  group: Group,
  sending: Sending,
): Promise<unknown> {
  const keys: string[] = []
  for (const { stored } of group) keys.push(...stored)
  return runScript(wire, each, keys, argumentsOf(group), false, sending)
}

/** The reply to each of a group, or why it failed. */
export function repliesOf(reply: unknown): unknown[] {
  const [lines, ...others] = reply as unknown[]
  return String(lines)
    .split('\n')
    .map((line) => (line === '' ? toReplyOrError(others.shift()) : line))
}

/** As `_each.lua` takes them. */
function argumentsOf(group: Group): RedisArgument[] {
  const [{ args: first }, ...others] = group
  const places = Array.from(first, (_, nth) => nth)
  const own = places.filter((nth) => others.some(({ args }) => args[nth] !== first[nth]))
  const packed: RedisArgument[] = [String(first.length), ...first, String(own.length)]
  for (const nth of own) packed.push(String(nth + 1))
  for (const { args } of others) for (const nth of own) packed.push(args[nth] as RedisArgument)
  return packed
}

function toReplyOrError(reply: unknown): unknown {
  const [state, why] = reply as unknown[]
  return String(state) === FAILED ? new Error(String(why)) : reply
}
