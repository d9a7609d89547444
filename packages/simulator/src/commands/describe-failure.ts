import { NO_FAULTS } from '../faults.ts'
import type { Setup } from '../run/schedule.ts'
import type { Shrunk } from '../run/shrink.ts'

/** What is told by the line after it. */
const NOISE = / (timer|reply|start|chaos|lease end)$/
const ARRIVAL = /^ *[\d.]+ {4}[a-zA-Z]+$/
const LINES_MAX = 80

/** What has failed, how to see it again, and the shortest story of it, for people. */
export function describeFailure(
  { seed, invariant, message }: { seed: number; invariant: string; message: string },
  replay: string,
  shrunk: Shrunk | undefined,
): string {
  const head = [`${invariant} does not hold: ${message}`, `seed: ${seed}`, `replay: ${replay}`]
  return [...head, ...(shrunk ? storyOf(shrunk) : []), ''].join('\n')
}

function storyOf({ seed, violation, setup, lines, events, eventsBefore }: Shrunk): string[] {
  const told = lines.filter((line) => !NOISE.test(line) && !ARRIVAL.test(line))
  return [
    `shrunk from ${eventsBefore} events to ${events}, of seed ${seed}`,
    `  ${usesOf(setup)}`,
    `  faults: ${faultsOf(setup) || 'none'}`,
    '  time (ms)    who what',
    ...(told.length > LINES_MAX ? [`  … ${told.length - LINES_MAX} lines before`] : []),
    ...told.slice(-LINES_MAX),
    `${violation.invariant} does not hold: ${violation.message}`,
  ]
}

const faultsOf = ({ faults }: Setup): string =>
  Object.entries(faults)
    .filter(([name, value]) => value !== NO_FAULTS[name as keyof typeof faults])
    .map(([name, value]) => `${name} ${typeof value === 'number' ? rounded(value) : value}`)
    .join(', ')

/** What there is at all. */
const usesOf = ({ plan }: Setup): string =>
  Object.entries(plan)
    .filter(([, value]) => value !== 0 && value !== false)
    .map(([name, value]) => `${name} ${typeof value === 'number' ? rounded(value) : value}`)
    .join(', ')

const rounded = (value: number): number => Math.round(value * 1000) / 1000
