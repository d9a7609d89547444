import { InvalidArgumentError, StoreUnavailableError } from '@locks/core'
import { guardIssues } from './guard-issues.ts'
import { guardParser } from './guard-parser.ts'
import type { MemcachedCallback, MemcachedClient } from './memcached-client.ts'
import type { MemcachedTransport } from './memcached-transport.ts'
import { idless, NO_ID } from './no-id.ts'
import { writeTogether } from './write-together.ts'

const KEY_BYTES_MAX = 250
/** Core's longest key. */
const KEY_BYTES_LEAST = 210

/**
 * The package `memcached` behind promises. It never calls back when a connection breaks or a server
 * freezes after the sending, calls some of the server's errors `false`, and answers with whatever a
 * stored entry's flags make of it. So success is only what cannot be anything else.
 */
export function clientTransport(client: MemcachedClient): MemcachedTransport<string> {
  const { servers = [], namespace = '', maxValue } = client
  if (!/^[\w.:-]*$/.test(namespace) || namespace.length > KEY_BYTES_MAX - KEY_BYTES_LEAST) {
    throw new InvalidArgumentError(
      `the client's namespace must be at most ${KEY_BYTES_MAX - KEY_BYTES_LEAST} of A-Z a-z 0-9 . : _ -`,
    )
  }
  guardIssues(client)
  guardParser(client)
  const together = writeTogether(client)

  function answer(send: (callback: MemcachedCallback) => unknown): Promise<unknown> {
    return new Promise((resolve, reject) => {
      together.isCalling = true
      try {
        send((error, result) => {
          if (error) reject(new StoreUnavailableError('memcached did not carry out a command'))
          else resolve(result)
        })
      } finally {
        together.isCalling = false
      }
    })
  }

  const get: MemcachedTransport<string>['get'] = async (key) => {
    const found = await answer((callback) => client.gets(key, callback))
    if (found === undefined) return undefined
    const { [namespace + key]: value, cas } = (found || {}) as Record<string, unknown>
    if (typeof cas !== 'string') throw refused()
    if (cas === NO_ID) throw idless()
    return { value: typeof value === 'string' ? value : FOREIGN, version: cas }
  }

  return {
    servers: servers.length,
    keyBytesMax: KEY_BYTES_MAX - namespace.length,
    ...(maxValue !== undefined && { valueBytesMax: maxValue }),
    get,

    async add({ key, value, exptime }) {
      const added = await answer((callback) =>
        client.add(key, value, exptime, (error, result) =>
          isNotStored(error) ? callback(undefined, NOT_STORED) : callback(error, result),
        ),
      )
      if (added === NOT_STORED) return undefined
      if (added !== true) throw refused()
      return {}
    },

    async compareAndSet({ key, value, exptime }, version) {
      const swapped = await answer((callback) => client.cas(key, value, version, exptime, callback))
      return swapped === true ? {} : undefined
    },

    async compareAndDelete(key, version) {
      return (await answer((callback) => client.cas(key, '', version, -1, callback))) === true
    },

    async set({ key, value, exptime }) {
      const stored = await answer((callback) => client.set(key, value, exptime, callback))
      if (stored !== true) throw refused()
    },

    async delete(key) {
      if ((await answer((callback) => client.del(key, callback))) === true) return true
      // "Not found" and the server's errors are the same `false`.
      if (await get(key)) throw refused()
      return false
    },
  }
}

const NOT_STORED = Symbol('not stored')
/** Stands for what another program stored with flags of its own. */
const FOREIGN = '?'

const isNotStored = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && 'notStored' in error && error.notStored === true

const refused = () => new StoreUnavailableError('memcached refused a command')
