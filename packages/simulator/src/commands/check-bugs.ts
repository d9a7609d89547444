import { systemClock } from '@locks/core'
import { ALL_BUGS } from '../bugs/all-bugs.ts'
import type { Options } from '../options.ts'
import { type Hunt, huntBug } from '../run/hunt.ts'

/** Lets the checks look for each seeded bug. @returns whether all were found. */
export async function checkBugs({ seed, schedules, json, only }: Options): Promise<boolean> {
  const unknown = only.find((name) => !ALL_BUGS.some((bug) => bug.name === name))
  if (unknown) throw new Error(`no such bug: ${unknown}`)

  const startedAtMs = systemClock.now()
  const hunts: Hunt[] = []
  for (const bug of ALL_BUGS) {
    if (only.length > 0 && !only.includes(bug.name)) continue
    const hunt = await huntBug(bug, seed, schedules)
    hunts.push(hunt)
    if (!json) console.log(describe(hunt))
  }
  const missed = hunts.filter((hunt) => !hunt.caught).map((hunt) => hunt.name)
  const seconds = (systemClock.now() - startedAtMs) / 1000
  if (json) console.log(JSON.stringify({ seed, bugs: hunts, missed, seconds }))
  else {
    const caught = hunts.length - missed.length
    console.log(`${caught} of ${hunts.length} caught in ${seconds.toFixed(1)} s`)
  }
  return missed.length === 0
}

function describe({ name, caught, invariant, message, schedules }: Hunt): string {
  const found = invariant ? `${invariant}: ${message}` : 'nothing found'
  return `${caught ? '      ' : 'MISSED'} ${name.padEnd(22)} ${String(schedules).padStart(6)} ${found}`
}
