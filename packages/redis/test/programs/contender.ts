/**
 * A process that locks: does what each line of JSON says and reports in such lines, one lock at a
 * time. Arguments: the server's URL and the options of its locks as JSON.
 */
import { createInterface } from 'node:readline'
import { createClient } from 'redis'
import {
  type AcquireOptions,
  createLocks,
  isLocksError,
  type Lock,
  type LocksOptions,
  redisStore,
} from '../../src/index.ts'

export type Order =
  | { readonly do: 'acquire'; readonly name: string; readonly options?: AcquireOptions }
  | { readonly do: 'held' | 'release' | 'loss' }

export type Report =
  | { readonly acquired: number | undefined }
  | { readonly failed: string }
  | { readonly held: boolean }
  | { readonly released: boolean }
  | { readonly lost: string }

const [url = '', options = '{}'] = process.argv.slice(2)
const client = createClient({ url })
client.on('error', () => {})
await client.connect()
const locks = createLocks(redisStore(client), JSON.parse(options) as LocksOptions)
let lock: Lock | undefined

async function obey(order: Order): Promise<Report> {
  switch (order.do) {
    case 'acquire':
      lock = await locks.acquire(order.name, order.options)
      return { acquired: lock.fence }
    case 'held':
      return { held: lock?.held ?? false }
    case 'release':
      return { released: (await lock?.release()) ?? false }
    case 'loss':
      return { lost: await lossOf(lock?.signal) }
  }
}

/** Resolves with the reason when the lock is lost. */
function lossOf(signal?: AbortSignal): Promise<string> {
  return new Promise((resolve) => {
    const told = () => resolve(signal?.reason.reason)
    if (signal?.aborted) told()
    else signal?.addEventListener('abort', told)
  })
}

async function execute(order: Order): Promise<void> {
  const report = await obey(order).catch((error: unknown): Report => {
    if (isLocksError(error)) return { failed: error.code }
    throw error
  })
  console.log(JSON.stringify(report))
}

console.log('ready')
for await (const line of createInterface({ input: process.stdin })) {
  void execute(JSON.parse(line) as Order)
}
