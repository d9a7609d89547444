import type { Compressor, Serializer } from '@locks/herd-cache'
import type { SimClient } from '../fleet/sim-client.ts'
import type { CacheAudit } from './cache-audit.ts'
import type { CachePlan } from './cache-plan.ts'

/** What is compressed away, so that it is worth it. */
const PADDING = ' '.repeat(40)

const serializer: Serializer = {
  id: 32,
  serialize: (value) => Buffer.from(JSON.stringify(value) + PADDING),
  deserialize: (data) => JSON.parse(Buffer.from(data).toString()),
}

/** Stages of a cache's pipeline that take their time, fail, and write what nobody can read. */
export function simStages(client: SimClient, plan: CachePlan, audit: CacheAudit) {
  const { dice } = client.world
  const work = () =>
    new Promise<void>((resolve) => client.clock.after(dice.whole(0, plan.packMsMax), resolve))
  const compressor: Compressor = {
    id: 32,
    async compress(data) {
      const ends = audit.packing(data)
      await work()
      const failed = ends.isLoad && dice.chance(plan.packFails)
      const garbage = !failed && dice.chance(plan.packsGarbage)
      ends.end(failed, garbage)
      if (failed) throw new Error('packing fails')
      const packed = data.subarray(0, data.length - PADDING.length)
      return garbage ? Buffer.concat([packed, Buffer.of(0)]) : packed
    },
    async decompress(data, maxBytes) {
      await work()
      if (data.at(-1) === 0) throw new Error('garbage')
      return Buffer.concat([data, Buffer.from(PADDING)]).subarray(0, maxBytes)
    },
  }
  return { serializer, compressor, compressFromBytes: 0 }
}
