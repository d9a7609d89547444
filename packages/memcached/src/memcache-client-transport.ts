import { StoreUnavailableError } from '@locks/core'
import type { MemcachedTransport } from './memcached-transport.ts'
import { idless, NO_ID } from './no-id.ts'

interface StoreOptions {
  readonly lifetime: number
  readonly compress: false
}

/** What is used of a client of the package `memcache-client` 1.0. */
export interface MemcacheClient {
  readonly options: { readonly server: unknown; readonly ignoreNotStored?: boolean }
  gets(key: string): Promise<unknown>
  add(key: string, value: string, options: StoreOptions): Promise<unknown>
  set(key: string, value: string, options: StoreOptions): Promise<unknown>
  cas(key: string, value: string, options: StoreOptions & { casUniq: string }): Promise<unknown>
  delete(key: string): Promise<unknown>
}

/** The package `memcache-client` as a transport. */
export function memcacheClientTransport(client: MemcacheClient): MemcachedTransport<string> {
  const cas = async (key: string, value: string, lifetime: number, casUniq: string) =>
    accepted(() => client.cas(key, value, { lifetime, casUniq, compress: false }), OTHER)

  return {
    servers: serverCount(client.options.server),
    keyBytesMax: 250,

    async get(key) {
      const found = (await carriedOut(() => client.gets(key))) as Found | undefined
      if (!found) return undefined
      if (String(found.casUniq) === NO_ID) throw idless()
      const value = typeof found.value === 'string' ? found.value : '?'
      return { value, version: String(found.casUniq) }
    },

    async add({ key, value, exptime }) {
      const added = await accepted(
        () => client.add(key, value, { lifetime: exptime, compress: false }),
        ['NOT_STORED'],
      )
      return added ? {} : undefined
    },

    async compareAndSet({ key, value, exptime }, version) {
      return (await cas(key, value, exptime, version)) ? {} : undefined
    },

    compareAndDelete: (key, version) => cas(key, '', -1, version),

    async set({ key, value, exptime }) {
      await accepted(() => client.set(key, value, { lifetime: exptime, compress: false }), [])
    },

    delete: (key) => accepted(() => client.delete(key), ['NOT_FOUND']),
  }
}

interface Found {
  readonly value: unknown
  readonly casUniq: unknown
}

const OTHER = ['EXISTS', 'NOT_FOUND']
const DONE = ['STORED', 'DELETED']

/** `false` = the server has answered with one of the `refusals`. */
async function accepted(
  send: () => Promise<unknown>,
  refusals: readonly string[],
): Promise<boolean> {
  const answer = await carriedOut(send, refusals)
  if (answer === REFUSED) return false
  if (Array.isArray(answer) && DONE.includes(answer[0])) return true
  throw failed()
}

const REFUSED = Symbol('refused')

async function carriedOut(
  send: () => Promise<unknown>,
  refusals: readonly string[] = [],
): Promise<unknown> {
  try {
    return await send()
  } catch (error) {
    if (error instanceof Error && refusals.includes(error.message)) return REFUSED
    throw failed()
  }
}

const failed = () => new StoreUnavailableError('memcached did not carry out a command')

/** The client takes one address, one server, a list of either, or an object with such a list. */
function serverCount(server: unknown): number {
  if (Array.isArray(server)) return server.length
  if (typeof server === 'object' && server !== null && 'servers' in server) {
    return serverCount(server.servers)
  }
  return 1
}
