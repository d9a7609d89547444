import { setTimeout as sleep } from 'node:timers/promises'
import type { RedisClusterNode } from '@locks/test-servers'
import { type ClusterNodes, say } from '../worlds/cluster-nodes.ts'
import type { SteppedClocks } from '../worlds/stepped-clocks.ts'
import { type Fault, FORGETS } from './fault.ts'
import { lasting, sudden } from './lasting.ts'
import type { Scene } from './scene.ts'

/** The faults that a lock with `confirm` must survive, though they break others. */
export const FAILOVER = 'server: replica cut off, then failover to it'

/** What can befall a cluster. */
export function clusterFaults(nodes: ClusterNodes): readonly Fault[] {
  return [...troubles(nodes), ...losses(nodes)]
}

/** The master of a lock that is held, mostly of the one that is held for longest. */
function busyMaster(nodes: ClusterNodes, { coordinator, chance }: Scene) {
  const held = coordinator.holdings.toSorted((one, other) => other.forMs - one.forMs)
  const locks = held.map(({ lock }) => lock).concat('a')
  return nodes.masterOf(chance.of(0.7) ? (locks[0] as string) : chance.pick(locks))
}

/** Nothing is forgotten. */
function troubles(nodes: ClusterNodes): readonly Fault[] {
  const onMaster = (
    kind: string,
    begin: (master: RedisClusterNode) => Promise<() => unknown>,
  ): Fault => lasting(kind, 'server', async (scene) => begin(await busyMaster(nodes, scene)))

  return [
    onMaster('server: SIGSTOP of a master', async (master) => {
      await master.pause()
      return () => master.resume()
    }),
    sudden('server: CLIENT PAUSE of a master', 'server', async (scene) => {
      const master = await busyMaster(nodes, scene)
      await say(master, 'CLIENT', 'PAUSE', scene.durationMs(), 'ALL')
      await say(master, 'PING')
    }),
    onMaster('server: link to the replica cut', async (master) => {
      const replicas = await nodes.cutOff(master)
      return async () => {
        for (const replica of replicas) replica.resume()
        await nodes.whole()
      }
    }),
    sudden('server: SCRIPT FLUSH', 'server', () =>
      Promise.all(nodes.all.map((node) => say(node, 'SCRIPT', 'FLUSH').catch(() => {}))),
    ),
    sudden('server: slot moved', 'server', async (scene) => {
      const lock = scene.chance.pick(['a', 'b', 'c', 'two', 'confirmed-a'])
      const source = await nodes.masterOf(lock)
      const others = (await nodes.masters()).filter(({ port }) => port !== source.port)
      await nodes.move(await nodes.slotOf(lock), source, scene.chance.pick(others))
    }),
  ]
}

/** What a master has accepted is forgotten. */
function losses(nodes: ClusterNodes): readonly Fault[] {
  return [
    sudden(
      'server: FLUSHALL of a master',
      'server',
      async (scene) => say(await busyMaster(nodes, scene), 'FLUSHALL'),
      FORGETS,
    ),
    sudden(
      FAILOVER,
      'server',
      async (scene) => {
        const master = await busyMaster(nodes, scene)
        const replicas = await nodes.cutOff(master)
        // Long enough for something to be granted, or renewed, that the replica does not hear of.
        await sleep(scene.chance.between(500, 3000))
        await master.kill()
        for (const replica of replicas) replica.resume()
        await nodes.promoted(replicas)
        await master.restart()
        await nodes.whole()
      },
      FORGETS,
    ),
    {
      // For a moment it believes that it is the master, when it goes on.
      isRareHole: true,
      ...sudden(
        'server: master frozen beyond a failover',
        'server',
        async (scene) => {
          const master = await busyMaster(nodes, scene)
          await master.pause()
          await nodes.promoted(nodes.others(master))
          master.resume()
          await nodes.whole()
        },
        FORGETS,
      ),
    },
    sudden(
      'server: master restarts empty',
      'server',
      async (scene) => {
        await (await busyMaster(nodes, scene)).restart()
        await nodes.whole()
      },
      FORGETS,
    ),
  ]
}

export const CLOCK_AHEAD = 'server: failover to a clock that is ahead (c5)'

/** The replica takes what its master has granted for over. Then the others' clocks follow: fences grow by them. */
export function clockAheadFault(nodes: ClusterNodes, clocks: SteppedClocks): Fault {
  return sudden(
    CLOCK_AHEAD,
    'server',
    async (scene) => {
      const master = await busyMaster(nodes, scene)
      const replicas = nodes.others(master)
      const ms = scene.chance.between(5_000, 20_000)
      const step = (node: RedisClusterNode) => clocks.step(nodes.all.indexOf(node), ms)
      await Promise.all(replicas.map(step))
      await master.kill()
      await nodes.promoted(replicas)
      await Promise.all(nodes.all.filter((node) => !replicas.includes(node)).map(step))
      await master.restart()
      await nodes.whole()
    },
    FORGETS,
  )
}
