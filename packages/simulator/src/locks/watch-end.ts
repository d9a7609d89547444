import type { SimServer } from '../store/sim-server.ts'
import { EPOCH_MS, type World } from '../time/world.ts'

/** Looks on at the instant at which the lease of `token` ends, not only at the next event. P3: it ends. */
export function watchEnd(world: World, server: SimServer, key: string, token: string): void {
  const untilMs = server.leases.get(key)?.holders.get(token)?.untilMs
  if (untilMs === undefined) return
  if (!(untilMs - EPOCH_MS <= world.nowMs + 2 ** 31)) {
    world.violate('P3', `${key} is held by ${token} without an end`)
    return
  }
  world.at(untilMs - EPOCH_MS, 'lease end', () => {})
}
