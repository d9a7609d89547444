/**
 * A service process: does with its cache what each line of JSON says, and reports in such lines.
 * Its database is Redis too: a row is `db:<key>`, and `loads:<key>` counts how often it was loaded.
 */
import { createInterface } from 'node:readline'
import { type CacheStore, redisStore } from '@locks/redis'
import { createClient } from 'redis'
import { HerdCache, type HerdCacheOptions } from '../../src/index.ts'

export type Order =
  | { readonly do: 'getOrSet'; readonly key: string; readonly callers: number }
  | { readonly do: 'get' | 'delete' | 'finish'; readonly key: string }
  | { readonly do: 'set'; readonly key: string; readonly value: string }

export type Report =
  | { readonly loading: string }
  | { readonly waiting: string }
  | { readonly done: Order['do']; readonly result: unknown }

const [url, optionsText] = process.argv.slice(2) as [string, string]
const client = createClient({ url })
client.on('error', () => {})
await client.connect()
const options = JSON.parse(optionsText) as Partial<HerdCacheOptions>
const cache = new HerdCache({
  namespace: 'app',
  // No deadline that a busy machine could miss.
  storeTimeout: '30s',
  ...options,
  store: observed(redisStore(client)),
})
const finish = new Map<string, () => void>()

const say = (report: Report) => console.log(JSON.stringify(report))

/** Says when this process begins to wait for a load elsewhere. */
function observed(store: CacheStore): CacheStore {
  return {
    ...store,
    async lease(request) {
      const reply = await store.lease(request)
      if (reply.state === 'lost' && request.awaited === undefined) say({ waiting: request.key })
      return reply
    },
  }
}

/** Reads the row at once, and ends when told to. */
async function load(key: string): Promise<string | null> {
  await client.incr(`loads:${key}`)
  const row = await client.get(`db:${key}`)
  const told = new Promise<void>((resolve) => finish.set(key, resolve))
  say({ loading: key })
  await told
  return row
}

async function obey(order: Order): Promise<unknown> {
  switch (order.do) {
    case 'getOrSet': {
      const { key, callers } = order
      const calls = Array.from({ length: callers }, () => cache.getOrSet(key, () => load(key)))
      return [...new Set(await Promise.all(calls))]
    }
    case 'get':
      return (await cache.get(order.key)) ?? 'nothing'
    case 'set':
      return cache.set(order.key, order.value)
    case 'delete':
      return cache.delete(order.key)
    case 'finish':
      return finish.get(order.key)?.()
  }
}

async function execute(order: Order): Promise<void> {
  say({ done: order.do, result: await obey(order) })
}

console.log('ready')
for await (const line of createInterface({ input: process.stdin })) {
  void execute(JSON.parse(line) as Order)
}
