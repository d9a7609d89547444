import type { EventEmitter } from 'node:events'
import type { CacheStore, LeaseStore } from '@locks/core'
import { memcachedStore, metaTransport } from '@locks/memcached'
import { memoryStore } from '@locks/memory'
import { redisStore } from '@locks/redis'
import { createClient } from 'redis'
import type { Backend } from './options.ts'

/** A store of one process, and whose listeners are counted. */
export interface OpenBackend {
  readonly store: LeaseStore & CacheStore
  readonly emitters: readonly EventEmitter[]
}

export async function openBackend(backend: Backend, port: number): Promise<OpenBackend> {
  switch (backend) {
    case 'memory':
      return { store: memoryStore(), emitters: [] }
    case 'memcached':
      return { store: memcachedStore(metaTransport({ port })), emitters: [] }
    case 'redis': {
      const client = createClient({ socket: { host: '127.0.0.1', port } })
      client.on('error', (error) => console.error(error.message))
      await client.connect()
      return { store: redisStore(client), emitters: [client] }
    }
  }
}
