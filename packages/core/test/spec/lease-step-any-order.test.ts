import { describe, expect, test } from '@jest/globals'
import { SeededRandom } from '../helpers/seeded-random.ts'
import { Name } from './lease-name.ts'

describe('whatever is sent', () => {
  test.each([1, 2, 3, 4])('the rules hold (seed %p)', (seed) => {
    const random = new SeededRandom(seed)
    const name = new Name()
    let lastFence = 0
    let grantCount = 0
    const broken: string[] = []
    const rule = (what: string, holds: boolean) => holds || broken.push(what)
    const tokens = ['a', 'b', 'c', 'd', 'e', 'f']
    for (let round = 0; round < 3000; round++) {
      const token = random.pick(tokens)
      const wasHolding = name.holding.includes(token)
      const more = { units: 1 + random.below(3), capacity: 3, ttlMs: 1 + random.below(400) }
      if (random.below(20) === 0) name.dead.add(`sub-${random.pick(tokens)}`)
      if (random.below(20) === 0) name.dead.clear()
      const { reply, grants } = random.pick<() => ReturnType<Name['acquire' | 'leave']>>([
        () => name.acquire(token, more),
        () => name.enqueue(token, more),
        () => name.enqueue(token, more),
        () => name.extend(token, more.ttlMs) as never,
        () => name.release(token) as never,
        () => name.leave(token),
      ])()

      const fences = grants.map(({ fence }) => fence)
      if (reply.state === 'granted' && !wasHolding) fences.push(reply.fence ?? Number.NaN)
      grantCount += fences.length
      for (const fence of fences.toSorted((x, y) => x - y)) {
        rule('fences grow', fence > lastFence)
        lastFence = fence
      }
      const used = name.holders.reduce((sum, holder) => sum + holder.units, 0)
      rule('units fit', used <= 3)
      rule(
        'holders have time left',
        name.holders.every((holder) => holder.remainingMs > 0),
      )
      rule(
        'nobody holds and waits',
        name.holding.every((holding) => !name.queued.includes(holding)),
      )
      rule(
        'the dead get nothing',
        grants.every(({ subscriber }) => !name.dead.has(subscriber)),
      )
      name.nowMs += random.below(60)
      if (random.below(200) === 0) name.nowMs -= random.below(5000)
    }
    expect(broken).toEqual([])
    expect(grantCount).toBeGreaterThan(300)
  })
})
