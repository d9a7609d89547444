import type { SimServer } from '../store/sim-server.ts'
import type { Tally } from '../tally.ts'
import { Dice } from '../time/dice.ts'
import type { World } from '../time/world.ts'

export interface LostQueues {
  readonly world: World
  readonly server: SimServer
  readonly tally: Tally
  /** The chance of it, and the time in which it happens. */
  readonly chance: number
  readonly fromMs: number
  readonly untilMs: number
  /** Looks on. */
  readonly onLoss: (key: string, tokens: ReadonlySet<string>) => void
}

/**
 * Plans that the store loses who waits for its locks, once, and keeps who holds them: the keys are not the
 * same. It has dice of its own, so that a schedule without it is what it was.
 */
export function planLostQueues(seed: number, plan: LostQueues): void {
  const { world, server, tally, onLoss } = plan
  const dice = new Dice(-seed)
  if (!dice.chance(plan.chance)) return
  world.at(dice.between(plan.fromMs, plan.untilMs), 'chaos', () => {
    for (const [key, { queue }] of server.leases) {
      if (queue.size === 0) continue
      tally.add('fault', 'lost queue')
      world.trace.add(world.nowMs, -1, 'lose queue', key)
      const tokens = new Set(queue.keys())
      queue.clear()
      onLoss(key, tokens)
    }
  })
}
