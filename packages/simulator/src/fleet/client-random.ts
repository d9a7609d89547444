import type { Random } from '@locks/core'
import type { SimClient } from './sim-client.ts'

/** Readable tokens, unique among all clients, and jitter that follows from the seed. */
export function clientRandom({ id, world }: SimClient): Random {
  let tokens = 0
  return {
    token: () => `c${id}-${++tokens}`,
    fraction: () => world.dice.fraction(),
  }
}
