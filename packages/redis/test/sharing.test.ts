import { describe, expect, test } from '@jest/globals'
import { sharingRules } from '../../core/test/lock/sharing-rules.ts'
import { redisStore } from '../src/index.ts'
import { Contender } from './faults/contender.ts'
import { FaultWorld, keyOf, until } from './faults/fault-world.ts'

const world = new FaultWorld()

async function holders(name: string, count: number): Promise<void> {
  const store = redisStore(await world.connect())
  await until(async () => (await store.inspect(keyOf(name))).holders.length === count)
}

describe('readers, writers and permits on Redis', () => {
  sharingRules({
    open: () => world.locks(),
    queued: (name, count) => world.queued(name, count),
    holders,
  })

  test.each([
    ['a reader', { mode: 'shared' }, { mode: 'exclusive' }],
    ['a holder of a permit', { permits: 2 }, { permits: 2 }],
  ] as const)('the units of %s end with its process', async (_who, taken, wanted) => {
    const [dying] = await Contender.startMany(1, world.redis.url, { ttl: '5s', grace: 0 })
    if (!dying) throw new Error('no process')
    await using _ = dying
    const locks = await world.locks()
    await dying.acquire('n', taken)
    const survivor = await locks.acquire('n', taken)
    const next = locks.acquire('n', { ...wanted, wait: Infinity })
    await world.queued('n', 1)
    await dying.program.kill()
    await holders('n', 'permits' in taken ? 2 : 1)
    if ('mode' in taken) await survivor.release()
    expect((await next).held).toBe(true)
  })
})
