import { World } from './world.ts'

/** A process whose store has been away for so many reads, one after the other. */
export async function failed(reads: number, options: object = {}) {
  const world = new World()
  const process = world.start(options)
  process.link.always(() => ({ lose: 'request' }))
  for (let i = 0; i < reads; i++) await world.clock.until(process.cache.get(`k${i}`))
  return { world, ...process }
}
