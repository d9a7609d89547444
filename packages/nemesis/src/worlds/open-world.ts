import type { Backend } from '../backend.ts'
import { clusterWorld } from './cluster-world.ts'
import { memcachedWorld } from './memcached-world.ts'
import { memoryWorld } from './memory-world.ts'
import { redisWorld } from './redis-world.ts'
import type { World, WorldOptions } from './world.ts'

const WORLDS = {
  memory: memoryWorld,
  redis: redisWorld,
  'redis-cluster': clusterWorld,
  memcached: memcachedWorld,
} satisfies Record<Backend, (options: WorldOptions) => Promise<World>>

/** Starts the servers of a backend. */
export function openWorld(backend: Backend, options: WorldOptions): Promise<World> {
  return WORLDS[backend](options)
}
