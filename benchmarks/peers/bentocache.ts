import { type HerdContender, LONG } from '../herd/contender.ts'
import { ioredis, loadPeer } from './load-peer.ts'

interface Layer {
  useL1Layer(driver: unknown): Layer
  useL2Layer(driver: unknown): Layer
  useBus(driver: unknown): Layer
}

interface Module {
  readonly BentoCache: new (
    options: object,
  ) => {
    getOrSet(options: {
      key: string
      factory: () => Promise<unknown>
      ttl: number
    }): Promise<unknown>
    delete(options: { key: string }): Promise<unknown>
    set(options: { key: string; value: unknown; ttl: number }): Promise<unknown>
  }
  bentostore(): Layer
}

interface Redis {
  redisDriver(options: object): unknown
  redisBusDriver(options: object): unknown
}

export const contender: HerdContender = {
  settings: 'memory L1 + Redis L2 + Redis bus, ttl 60 s; ioredis',
  async connect(url, { ttlMs } = LONG) {
    const { BentoCache, bentostore } = await loadPeer<Module>('bentocache')
    const { memoryDriver } = await loadPeer<{ memoryDriver(options: object): unknown }>(
      'bentocache/drivers/memory',
    )
    const { redisDriver, redisBusDriver } = await loadPeer<Redis>('bentocache/drivers/redis')
    const store = bentostore()
      .useL1Layer(memoryDriver({}))
      .useL2Layer(redisDriver({ connection: await ioredis(url) }))
      .useBus(redisBusDriver({ connection: await ioredis(url) }))
    const cache = new BentoCache({ default: 'main', stores: { main: store } })
    return {
      getOrLoad: (key, load) => cache.getOrSet({ key, factory: load, ttl: ttlMs }),
      remove: (key) => cache.delete({ key }),
      set: (key, value) => cache.set({ key, value, ttl: ttlMs }),
    }
  },
}
