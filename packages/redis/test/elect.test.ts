import { describe, expect, test } from '@jest/globals'
import { type Program, spawnProgram } from '@locks/test-servers'
import type { LocksOptions } from '../src/index.ts'
import { FaultWorld } from './faults/fault-world.ts'
import type { Turn } from './programs/leader.ts'

const world = new FaultWorld()
// Long enough to be renewed on a machine that is busy with starting programs.
const ttlMs = 4000
const graceMs = 1000

/** A process that campaigns. */
class Candidate {
  readonly #program: Program

  private constructor(program: Program) {
    this.#program = program
  }

  static async start(url: string, options: LocksOptions = {}): Promise<Candidate> {
    const defaults = { ttl: ttlMs, grace: graceMs, storeTimeout: '30s', ...options }
    const file = new URL('./programs/leader.ts', import.meta.url)
    const candidate = new Candidate(spawnProgram(file, [url, JSON.stringify(defaults)]))
    world.atEnd(() => candidate.kill())
    await candidate.#program.nextLine()
    return candidate
  }

  /** The next report of this kind; what it says before is passed over. */
  async hear(is: Turn['is']): Promise<Turn> {
    for (;;) {
      const turn = JSON.parse(await this.#program.nextLine()) as Turn
      if (turn.is === is) return turn
    }
  }

  stop(): void {
    this.#program.writeLine('stop')
  }

  async kill(): Promise<void> {
    await this.#program.kill()
    expect(this.#program.stderr).toBe('')
  }
}

describe('seed: aioredis-lock leader/follower', () => {
  test('[C114] a follower becomes leader after the lease of a killed leader has ended', async () => {
    const leader = await Candidate.start(world.redis.url)
    const first = await leader.hear('elected')
    const follower = await Candidate.start(world.redis.url)
    await world.queued('scheduler', 1)
    await leader.kill()
    const killedAtMs = Date.now()
    const leftMs = await world.remainingMs('scheduler')
    const second = await follower.hear('elected')
    expect(second.atMs - killedAtMs).toBeGreaterThanOrEqual(leftMs - 50)
    expect(second.fence).toBeGreaterThan(first.fence ?? Infinity)
  })

  test('a follower becomes leader as soon as the leader steps down, and after it', async () => {
    const leader = await Candidate.start(world.redis.url, { ttl: '10m' })
    await leader.hear('elected')
    const follower = await Candidate.start(world.redis.url, { ttl: '10m' })
    await world.queued('scheduler', 1)
    leader.stop()
    const deposed = await leader.hear('deposed')
    const elected = await follower.hear('elected')
    expect(deposed).toMatchObject({ held: true })
    expect(elected.atMs).toBeGreaterThanOrEqual(deposed.atMs)
    await leader.hear('over')
    follower.stop()
    await follower.hear('over')
    await world.holders('scheduler', 0)
  })

  test('[C115] [C116] a leader cut off is deposed by its own clock, before a second is elected', async () => {
    const proxy = await world.proxy()
    // The grace is what the leader's process may be late by when it says so.
    const leader = await Candidate.start(proxy.url('redis'), { storeTimeout: 300, grace: '6s' })
    const first = await leader.hear('elected')
    const follower = await Candidate.start(world.redis.url)
    await world.queued('scheduler', 1)
    proxy.blackHole()
    // Renewals fail, and it leads on, until its validity ends and not longer.
    await leader.hear('store-error')
    const [deposed, elected] = await Promise.all([leader.hear('deposed'), follower.hear('elected')])
    expect(deposed.held).toBe(false)
    expect(elected.atMs).toBeGreaterThan(deposed.atMs)
    expect(elected.fence).toBeGreaterThan(first.fence ?? Infinity)
  })
})
