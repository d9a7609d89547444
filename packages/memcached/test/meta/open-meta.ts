import { type MetaTransportOptions, memcachedStore } from '../../src/index.ts'
import { connectMeta } from '../clients.ts'

/** A connection of its own, closed when the test is over. */
export function openMeta(address: string, options: MetaTransportOptions = {}) {
  const { client, close } = connectMeta(address, options)
  return { transport: client, store: memcachedStore(client), [Symbol.asyncDispose]: close }
}

let names = 0

/** A key that no other test of the file uses. */
export const freshKey = (): string => `locks:l1:{${names++}}`
