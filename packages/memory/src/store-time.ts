import type { Clock } from '@locks/core'

/** The memory store's own clock: epoch microseconds that never step back. */
export function storeTime(clock: Clock): () => number {
  const originMs = clock.wall() - clock.now()
  return () => Math.floor((originMs + clock.now()) * 1000)
}
