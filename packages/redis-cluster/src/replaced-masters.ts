import { systemClock } from '@locks/core'
import { withDeadline } from '@locks/core/parts'
import type { NodeClient, RedisCluster } from './node-redis-driver.ts'
import { slotOf } from './slot.ts'

/** Of one other master, which may be silent too. */
const ANSWER_MS = 2_000

/** From the first slot to the last, and its master: host and port. */
type SlotRange = readonly [number, number, readonly [string | Buffer, number]]

/**
 * Has npm redis look anew who has which slots, if another master than the one that it asks has one of
 * `keys` by now. By itself it looks only when a connection ends, or when a node says that a slot has moved.
 */
export async function lookForReplaced(
  cluster: RedisCluster,
  keys: readonly string[],
): Promise<void> {
  const slots = new Set(keys.map(slotOf))
  const masterOf = (slot: number) => cluster.slots[slot]?.master.address
  const asked = new Set([...slots].map(masterOf))
  const others = cluster.masters.filter(({ address }) => !asked.has(address))
  // Each is asked, for nobody knows which of them answers.
  await Promise.all(
    others.map(async (node) => {
      const client = await withDeadline(systemClock, ANSWER_MS, cluster.nodeClient(node))
      const ranges = await withDeadline(systemClock, ANSWER_MS, rangesBy(client))
      const isReplaced = [...slots].some((slot) => {
        const range = ranges.find(([first, last]) => first <= slot && slot <= last)
        return range && `${String(range[2][0])}:${range[2][1]}` !== masterOf(slot)
      })
      if (isReplaced) await discoverBy(cluster, client)
    }),
  )
}

async function rangesBy(client: NodeClient): Promise<readonly SlotRange[]> {
  return (await client.sendCommand(['CLUSTER', 'SLOTS'])) as readonly SlotRange[]
}

/** Nothing where the client has no such part: then it waits for its connection to end. */
async function discoverBy(cluster: object, client: NodeClient): Promise<void> {
  const { _slots } = cluster as {
    readonly _slots?: { rediscover?(by: NodeClient): Promise<unknown> }
  }
  await _slots?.rediscover?.(client)
}
