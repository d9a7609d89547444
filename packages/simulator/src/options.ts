import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'

export interface Options {
  readonly schedules: number
  readonly seed: number
  readonly json: boolean
  /** Print what happens in each schedule; of a seeded bug, the shortest schedule that shows it. */
  readonly trace: boolean
  /** Folder for the histories of all processes, which are judged too. */
  readonly history: string | undefined
  /** Look for the seeded bugs instead; `schedules` for each at most. */
  readonly mutants: boolean
  /** How many threads run schedules. Default: one for each processor. */
  readonly workers: number
  /** Names of the bugs to look for; none = all. */
  readonly only: readonly string[]
}

export const USAGE = `pnpm sim [--schedules N] [--seed S] [--workers W] [--json] [--trace]
pnpm sim --history FOLDER [--schedules N] [--seed S]
pnpm sim --mutants [name …] [--schedules N] [--seed S] [--workers W] [--json] [--trace]
`

/** @throws Error for what is not in the usage. */
export function parseOptions(args: readonly string[]): Options {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      schedules: { type: 'string', default: '20000' },
      seed: { type: 'string', default: '1' },
      workers: { type: 'string', default: String(availableParallelism()) },
      json: { type: 'boolean', default: false },
      trace: { type: 'boolean', default: false },
      history: { type: 'string' },
      mutants: { type: 'boolean', default: false },
    },
  })
  const { json, trace, mutants, history } = values
  if (positionals.length > 0 && !mutants) throw new Error(`what is ${positionals[0]}?`)
  return {
    schedules: wholeNumber(values.schedules, '--schedules'),
    seed: wholeNumber(values.seed, '--seed'),
    workers: wholeNumber(values.workers, '--workers'),
    json,
    trace,
    mutants,
    history,
    only: positionals,
  }
}

function wholeNumber(text: string, what: string): number {
  const value = Number(text)
  if (Number.isSafeInteger(value) && value >= 1) return value
  throw new Error(`${what} must be a whole number from 1`)
}
