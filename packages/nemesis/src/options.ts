import { parseArgs } from 'node:util'
import { BACKENDS, type Backend } from './backend.ts'

export interface Options {
  readonly minutes: number
  readonly backend: Backend
  readonly seed: number
  readonly json: boolean
  /** Where the histories go, and stay. Absent = a temporary folder, which stays unless the run is sound. */
  readonly keep: string | undefined
}

export const USAGE = `pnpm nemesis --minutes M --backend ${BACKENDS.join('|')} [--seed S] [--json] [--keep FOLDER]`

/** @throws Error for what is no option. */
export function parseOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      minutes: { type: 'string', default: '1' },
      backend: { type: 'string', default: 'redis' },
      seed: { type: 'string', default: '1' },
      json: { type: 'boolean', default: false },
      keep: { type: 'string' },
    },
  })
  const minutes = Number(values.minutes)
  const seed = Number(values.seed)
  const backend = BACKENDS.find((one) => one === values.backend)
  if (!(minutes > 0)) throw new Error('--minutes must be a number above 0')
  if (!Number.isSafeInteger(seed)) throw new Error('--seed must be a whole number')
  if (!backend) throw new Error(`--backend must be one of ${BACKENDS.join(', ')}`)
  return { minutes, backend, seed, json: values.json, keep: values.keep }
}
