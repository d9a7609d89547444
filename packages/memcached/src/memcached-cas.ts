import { type CasStore, type CasWrite, type Clock, InvalidArgumentError } from '@locks/core'
import type { MemcachedTransport, TextWrite } from './memcached-transport.ts'
import { wireKey } from './wire-key.ts'
import { wireTtl } from './wire-ttl.ts'
import { bytesIn, wireBytes, wireText } from './wire-value.ts'

export interface WireLimits {
  /** Of one item on the server, in bytes. */
  readonly itemBytesMax: number
}

/** What an item takes besides its value: header, key, a CAS id. */
const ITEM_FRAME_BYTES = 512

/** memcached as a compare-and-set store: keys, values and TTLs in the form that it takes. */
export function memcachedCas<Version>(
  transport: MemcachedTransport<Version>,
  { itemBytesMax }: WireLimits,
  clock: Clock,
): CasStore<Version> {
  const { valueBytesMax: textBytesMax = itemBytesMax } = transport
  const valueBytesMax = bytesIn(Math.min(itemBytesMax - ITEM_FRAME_BYTES, textBytesMax))
  const wire = (key: string) => wireKey(key, transport.keyBytesMax)
  const asText = ({ key, value, ttlMs }: CasWrite): TextWrite => {
    // The server would drop what is stored there before it refuses.
    if (value.length > valueBytesMax) {
      throw new InvalidArgumentError(`a value must not exceed ${valueBytesMax} bytes`)
    }
    return { key: wire(key), value: wireText(value), exptime: wireTtl(ttlMs, clock) }
  }

  return {
    facts: { ttlResolutionMs: 1000, valueBytesMax, durability: 'volatile' },
    async get(key) {
      const entry = await transport.get(wire(key))
      if (!entry) return undefined
      const { version, remainingMs } = entry
      const value = wireBytes(entry.value)
      return remainingMs === undefined ? { value, version } : { value, version, remainingMs }
    },
    add: (write) => transport.add(asText(write)),
    compareAndSet: (swap) => transport.compareAndSet(asText(swap), swap.version),
    compareAndDelete: (key, version) => transport.compareAndDelete(wire(key), version),
    set: (write) => transport.set(asText(write)),
    delete: (key) => transport.delete(wire(key)),
    ...(transport.close && { close: async () => transport.close?.() }),
  }
}
