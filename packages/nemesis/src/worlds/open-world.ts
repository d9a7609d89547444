import type { Backend } from '../backend.ts'
import { clusterWorld } from './cluster-world.ts'
import { memcachedWorld } from './memcached-world.ts'
import { memoryWorld } from './memory-world.ts'
import { redisWorld } from './redis-world.ts'
import type { World } from './world.ts'

const WORLDS = {
  memory: memoryWorld,
  redis: redisWorld,
  'redis-cluster': clusterWorld,
  memcached: memcachedWorld,
} satisfies Record<Backend, () => Promise<World>>

/** Starts the servers of a backend. */
export function openWorld(backend: Backend): Promise<World> {
  return WORLDS[backend]()
}
