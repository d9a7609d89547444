import type { Issued } from './issued.ts'
import type { Script } from './script.ts'

/** In one call: the server does nothing else meanwhile, and the client makes the next one ready. */
const RUNS_MAX = 32

/** What goes out as one command: runs of one script with as many arguments each. */
export type Group = readonly [Issued, ...Issued[]]

/**
 * Puts runs of one script into groups, where that changes no order: what shares a key with anything else
 * stays alone and in its place, unless all that do are runs of that script that may go together.
 */
export function groupRuns(commands: readonly Issued[]): Group[] {
  const shared = sharedKeys(commands)
  const groups: [Issued, ...Issued[]][] = []
  /** The last of each script, by how many arguments it has. */
  const open = new Map<Script, Issued[][]>()
  for (const command of commands) {
    const { each, keys, args } = command
    const joins = each && !shared.has(keys[0] as string)
    const ofScript = (joins && open.get(each)) || []
    const group = ofScript[args.length]
    if (group && group.length < RUNS_MAX) {
      group.push(command)
    } else {
      const own: [Issued, ...Issued[]] = [command]
      groups.push(own)
      ofScript[args.length] = own
      if (joins) open.set(each, ofScript)
    }
  }
  return groups
}

/** What more than one command is about. The first key of what has others tells those too. */
function sharedKeys(commands: readonly Issued[]): Set<string> {
  const seen = new Map<string, Issued>()
  const shared = new Set<string>()
  for (const command of commands) {
    const { each, keys } = command
    for (const key of each ? keys.slice(0, 1) : keys) {
      const before = seen.get(key)
      if (before && !goTogether(before, command)) shared.add(key)
      seen.set(key, command)
    }
  }
  return shared
}

const goTogether = (one: Issued, other: Issued): boolean =>
  one.together && other.together && one.each === other.each
