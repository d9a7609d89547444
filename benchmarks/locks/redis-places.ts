import { createHash } from 'node:crypto'
import { createLocks, type LeaseStore, redisStore } from '@locks/redis'
import { redisStore as ioredisStore } from '@locks/redis/ioredis'
import { startProxy, startRedis } from '@locks/test-servers'
import { Redis } from 'ioredis'
import { createClient } from 'redis'
import { redisTraffic } from '../harness/redis-traffic.ts'
import { disconnectPeers } from '../peers/load-peer.ts'
import { fullName, loadContender } from './contenders.ts'
import type { Pair } from './pair.ts'
import type { PairContender, PairPlace } from './pair-place.ts'

const DELETE_IF_MINE =
  "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end return 0"
const FLOOR = 'SET NX PX, EVALSHA of a comparing DEL'
const wanted = { 1: 0.95, 64: 1 }

interface Connected {
  readonly floor: Pair
  readonly store: LeaseStore
  close(): void
}

interface Client {
  readonly title: string
  readonly peers: readonly string[]
  connect(url: string): Promise<Connected>
  readonly callers?: readonly number[]
  /** How long a message takes to the server, and back; else it is on this machine. */
  readonly delayMs?: number
}

const byIoredis: Client = {
  title: 'Redis by ioredis 5',
  peers: ['redlock4', 'redlock', '@sesamecare-oss/redlock', 'redis-semaphore', '@verrou/core'],
  async connect(url) {
    const client = new Redis(url)
    const floor = floorOf(([name = '', ...args]) => client.call(name, args))
    return { floor, store: ioredisStore(client), close: () => client.disconnect() }
  },
}

const clients: readonly Client[] = [
  {
    title: 'Redis by redis 6',
    peers: ['redlock-universal', 'redlock-universal, defaults', 'simple-redis-mutex'],
    async connect(url) {
      const client = await createClient({ url }).connect()
      const floor = floorOf((command) => client.sendCommand(command))
      return { floor, store: redisStore(client), close: () => client.destroy() }
    },
  },
  byIoredis,
  { ...byIoredis, title: 'Redis 2 ms away by ioredis 5', peers: [], callers: [1], delayMs: 1 },
]

/** The lock that everybody begins with: no fence, no queue, no renewal. */
function floorOf(send: (command: string[]) => Promise<unknown>): Pair {
  const sha1 = createHash('sha1').update(DELETE_IF_MINE).digest('hex')
  const loaded = send(['SCRIPT', 'LOAD', DELETE_IF_MINE])
  return async (name) => {
    await loaded
    const key = `floor:${name}`
    const token = crypto.randomUUID()
    const reply = await send(['SET', key, token, 'NX', 'PX', '30000'])
    if (String(reply) !== 'OK') throw new Error(`${key} is held`)
    await send(['EVALSHA', sha1, '1', key, token])
  }
}

/** Ours and the peers on Redis, on the client that each uses. */
export const redisPlaces: readonly PairPlace[] = clients.map((client) => ({
  title: client.title,
  ...(client.callers && { callers: client.callers }),
  floorName: FLOOR,
  async open({ only }) {
    const server = await startRedis()
    const network = await startProxy({ port: server.port })
    const { peers, delayMs } = client
    if (delayMs) network.delay(delayMs)
    const url = delayMs ? network.url('redis') : server.url
    const { floor, store, close } = await client.connect(url)
    const locks = createLocks(store)
    const barging = createLocks(store, { fair: false, prefix: 'barging' })
    const ours: PairContender = {
      name: '@locks/redis',
      open: async () => async (name) => (await locks.acquire(name)).release(),
      wanted,
    }
    const oursUnfair: PairContender = {
      name: '@locks/redis, fair: false',
      open: async () => async (name) => (await barging.acquire(name)).release(),
    }
    const others = peers
      .filter((name) => only.length === 0 || only.some((part) => name.includes(part)))
      .map(async (peer) => ({ name: await fullName(peer), open: () => openPeer(peer, server.url) }))
    return {
      floor,
      contenders: [ours, oursUnfair, ...(await Promise.all(others))],
      traffic: (run) => redisTraffic(server.port, run),
      async close() {
        await locks.close()
        await barging.close()
        close()
        disconnectPeers()
        await network.stop()
        await server.stop()
      },
    }
  },
}))

async function openPeer(peer: string, url: string): Promise<Pair> {
  const contender = await loadContender(peer)
  const client = await contender.connect(url)
  return async (name) => {
    const lock = await client.lock(name)
    return (await lock.acquire()).release()
  }
}
