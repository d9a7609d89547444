import type { Clock } from '@locks/core'
import { EPOCH_MS } from '../time/world.ts'
import type { SimClient } from './sim-client.ts'

/** A timer's due time and the time read there must not differ by rounding. */
const ROUNDING_MS = 1e-6

/** Some time passes before any timer fires, however early it does. */
const SHORTEST_MS = 0.1

/** The clocks and timers of one client, as its hardware and its event loop make them. */
export function clientClock(client: SimClient): Clock {
  const { world, rate, faults } = client
  const bootedAtMs = world.dice.between(0, 1_000_000)
  return {
    now: () => bootedAtMs + world.nowMs * rate,
    wall: () => EPOCH_MS + world.nowMs + client.wallOffsetMs,
    after(delayMs, callback) {
      const { dice } = world
      const lateMs = dice.fraction() * faults.timerLateMs - faults.timerEarlyMs
      const realMs = Math.max(SHORTEST_MS, delayMs / rate + ROUNDING_MS + lateMs)
      const event = world.in(realMs, 'timer', callback, client)
      return () => {
        event.cancelled = true
      }
    },
  }
}
