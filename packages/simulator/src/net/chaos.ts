import type { SimClient } from '../fleet/sim-client.ts'
import type { Tally } from '../tally.ts'
import type { World } from '../time/world.ts'
import type { TroubleTime } from './trouble-time.ts'

/** Plans what happens to a client itself: pauses, jumps of its clock, its crash. */
export function planChaos(
  world: World,
  tally: Tally,
  client: SimClient,
  trouble: TroubleTime,
): void {
  const { dice } = world
  const { faults } = client
  const plan = (name: string, run: (atMs: number) => void) => {
    const atMs = dice.between(trouble.fromMs, trouble.untilMs)
    const happen = () => {
      if (client.crashed) return
      tally.add('fault', name)
      if (client.believes > 0) tally.add('fault while holding', name)
      world.trace.add(world.nowMs, client.id, name)
      run(atMs)
    }
    world.at(atMs, 'chaos', happen)
  }
  for (let i = dice.whole(0, faults.pausesMax); i > 0; i--) {
    const durationMs = dice.spread(5, 1500)
    plan('pause', (atMs) => client.pause(Math.min(durationMs, trouble.untilMs - atMs)))
  }
  for (let i = dice.whole(0, faults.wallJumpsMax); i > 0; i--) {
    plan('wall jump', () => client.jumpWall())
  }
  for (let i = dice.whole(0, faults.dropsMax); i > 0; i--) {
    plan('push line drop', () => {
      for (const line of client.lines) line.drop()
    })
  }
  if (faults.crash > 0 && dice.chance(faults.crash)) plan('crash', () => client.crash())
}
