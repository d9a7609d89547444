import { createClient, createClientPool, RESP_TYPES } from 'redis'
import { createClient as createClientV4 } from 'redis-v4'
import { createClientPool as createClientPoolV5, createClient as createClientV5 } from 'redis-v5'
import type { RedisClient } from '../src/index.ts'

export interface Connected {
  readonly client: RedisClient
  close(): Promise<unknown>
}

type Connect = (url: string) => Promise<Connected>

/** On a slow machine a connection of a pool is not free within the three seconds that are the default. */
const PATIENT = { acquireTimeout: 600_000 }

/** Every kind of client that the store takes. That this compiles is a test: nothing here is cast. */
export const connectors = {
  'redis 4': async (url) => {
    const client = createClientV4({ url })
    client.on('error', () => {})
    await client.connect()
    return { client, close: () => client.disconnect() }
  },
  'redis 5': async (url) => opened(createClientV5({ url })),
  'redis 5, RESP3': async (url) => opened(createClientV5({ url, RESP: 3 })),
  'redis 6': async (url) => opened(createClient({ url })),
  'redis 6, RESP2': async (url) => opened(createClient({ url, RESP: 2 })),
  'redis 6 with types of its own': async (url) => {
    const typeMapping = { [RESP_TYPES.NUMBER]: String, [RESP_TYPES.BLOB_STRING]: String }
    return opened(createClient({ url, commandOptions: { typeMapping } }))
  },
  'redis 5 pool': async (url) => openedPool(createClientPoolV5({ url }, PATIENT)),
  'redis 6 pool': async (url) => openedPool(createClientPool({ url }, PATIENT)),
} satisfies Record<string, Connect>

/** For tests to which the kind of client makes no difference. */
export const connectClient: Connect = connectors['redis 6']

interface Client extends RedisClient {
  on(event: 'error', listener: () => void): unknown
  connect(): Promise<unknown>
  destroy(): void
}

async function opened(client: Client): Promise<Connected> {
  client.on('error', () => {})
  await client.connect()
  return { client, close: async () => client.destroy() }
}

async function openedPool(pool: Client & { close(): Promise<unknown> }): Promise<Connected> {
  const { client } = await opened(pool)
  return { client, close: () => pool.close() }
}
