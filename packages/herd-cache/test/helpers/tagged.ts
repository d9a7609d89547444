import type { HerdCache } from '../../src/index.ts'
import { World } from './world.ts'

/** Times that no test comes to the end of. */
export const LONG = { ttl: '1h', grace: '1h' } as const

/** Two processes; in the store of the first is what `fill` puts there. */
export async function filled(fill: (cache: HerdCache) => Promise<unknown>) {
  const world = new World()
  const [one, two] = world.startMany(2) as [ReturnType<World['start']>, ReturnType<World['start']>]
  await fill(one.cache)
  return { world, one, two }
}

/** Options of an entry that has these tags. */
export const tagged = (...tags: string[]) => ({ ...LONG, tags })
