import { type CacheStore, type LeaseStore, memoryStore } from '@locks/memory'
import { redisStore } from '@locks/redis'
import { createClient } from 'redis'

export interface OpenStore {
  readonly name: 'memory' | 'redis'
  readonly store: LeaseStore & CacheStore
  close(): Promise<void>
}

/** A reason to stop that the person at the keyboard can act on. */
export class UnusableUrlError extends Error {}

const CONNECT_MS = 10_000

/**
 * The store behind `url`; without one, a store in this process.
 * @throws UnusableUrlError, within ten seconds, when there is none.
 */
export async function openStore(url: string | undefined): Promise<OpenStore> {
  if (url === undefined) return { name: 'memory', store: memoryStore(), close: async () => {} }
  if (!/^rediss?:\/\/./.test(url)) {
    throw new UnusableUrlError('--url must look like redis://host:port')
  }
  const client = await connect(url)
  return { name: 'redis', store: redisStore(client), close: async () => client.destroy() }
}

async function connect(url: string) {
  try {
    const client = createClient({
      url,
      socket: { connectTimeout: CONNECT_MS, reconnectStrategy: false },
    })
    client.on('error', () => {})
    await answered(client.connect().then(() => client.ping()))
    return client
  } catch (error) {
    // Not the URL itself: it may hold a password.
    const why =
      error instanceof Error ? error.message || (error as NodeJS.ErrnoException).code : error
    throw new UnusableUrlError(`no Redis answers at the given --url: ${why}`)
  }
}

/** A server that accepts and never answers must not hang the demo. */
async function answered<T>(reply: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('no answer')), CONNECT_MS)
  })
  try {
    return await Promise.race([reply, late])
  } finally {
    clearTimeout(timer)
  }
}
