import { parseArgs } from 'node:util'

export const BACKENDS = ['memory', 'redis', 'memcached'] as const
export type Backend = (typeof BACKENDS)[number]

export interface Options {
  readonly minutes: number
  readonly backend: Backend
  readonly json: boolean
  /** Leaks on purpose, to see that it is found. */
  readonly leak: boolean
}

export const USAGE = `pnpm soak --minutes M [--backend ${BACKENDS.join('|')}] [--json] [--leak]
`

/** @throws Error for what is not in the usage. */
export function parseOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      minutes: { type: 'string' },
      backend: { type: 'string', default: 'redis' },
      json: { type: 'boolean', default: false },
      leak: { type: 'boolean', default: false },
    },
  })
  const minutes = Number(values.minutes)
  if (!(minutes > 0)) throw new Error('--minutes must be a number above 0')
  const backend = BACKENDS.find((name) => name === values.backend)
  if (!backend) throw new Error(`--backend is one of ${BACKENDS.join(', ')}`)
  const { json, leak } = values
  return { minutes, backend, json, leak }
}
