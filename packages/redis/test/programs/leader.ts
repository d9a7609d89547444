/**
 * A process that campaigns, and leads until it is told to stop. Reports what happens in lines of JSON.
 * Arguments: the server's URL and the options of its locks as JSON. A line ends the campaign.
 */
import { createInterface } from 'node:readline'
import { createClient } from 'redis'
import { createLocks, type LocksOptions, redisStore } from '../../src/index.ts'

export interface Turn {
  readonly is: 'elected' | 'deposed' | 'store-error' | 'over'
  /** By the clock of the machine, which all processes share. */
  readonly atMs: number
  readonly fence?: number | undefined
  /** Whether it believes to lead. */
  readonly held?: boolean
}

const [url = '', options = '{}'] = process.argv.slice(2)
const client = createClient({ url })
client.on('error', () => {})
await client.connect()

const report = (turn: Omit<Turn, 'atMs'>) =>
  console.log(JSON.stringify({ ...turn, atMs: Date.now() }))
const locks = createLocks(redisStore(client), {
  ...(JSON.parse(options) as LocksOptions),
  onEvent: ({ type }) => {
    if (type === 'store-error') report({ is: type })
  },
})
const controller = new AbortController()
createInterface({ input: process.stdin }).once('line', () => controller.abort())

console.log('ready')
await locks.elect('scheduler', { signal: controller.signal }, async (term) => {
  report({ is: 'elected', fence: term.fence, held: term.held })
  if (!term.signal.aborted) {
    await new Promise((resolve) => term.signal.addEventListener('abort', resolve))
  }
  report({ is: 'deposed', held: term.held })
})
report({ is: 'over' })
await locks.close()
client.destroy()
