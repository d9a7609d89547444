import { describe, expect, test } from '@jest/globals'
import { FaultWorld, loss } from './faults/fault-world.ts'

const world = new FaultWorld()

describe('what an operator sees and does', () => {
  test('all locks of all processes', async () => {
    const [one, other] = [await world.locks(), await world.locks()]
    const a = await one.acquire('a')
    const b = await other.acquire(['b', 1], { mode: 'shared' })
    const waits = other.acquire('a', { wait: Infinity })
    await world.queued('a', 1)
    const told = await (await world.locks()).query({ store: true })
    const { held, pending } = told
    expect(held.toSorted((x, y) => (x.name < y.name ? 1 : -1))).toMatchObject([
      { name: 'a', mode: 'exclusive', fence: a.fence },
      { name: b.name, mode: 'shared', fence: b.fence },
    ])
    expect(pending).toMatchObject([{ name: 'a', mode: undefined }])
    expect(JSON.stringify(told)).not.toContain(a.token)
    await a.release()
    await waits
  })

  test('breaks a lock: the next waiter has it, and the holder learns of it', async () => {
    const [stuck, other] = [await world.locks({ ttl: '9s' }), await world.locks()]
    const lock = await stuck.acquire('n')
    // Looked at in the turn of the grant: a machine that stands still may lose it later.
    const waits = other
      .acquire('n', { wait: Infinity })
      .then(({ fence, held }) => ({ fence, held }))
    await world.queued('n', 1)
    const operator = await world.locks()
    expect(await operator.inspect('n')).toMatchObject({
      holders: [{ mode: 'exclusive', units: 1, fence: lock.fence }],
      capacity: 1,
      waiters: 1,
    })
    expect(await operator.break('n')).toBe(true)
    const next = await waits
    expect(next.fence).toBeGreaterThan(lock.fence ?? Infinity)
    expect(next.held).toBe(true)
    expect(await loss(lock)).toBe('stolen')
  })
})
