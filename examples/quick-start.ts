import { HerdCache } from '@locks/herd-cache'
import { createLocks, memoryStore } from '@locks/memory' // or redisStore(client) from '@locks/redis'

const store = memoryStore()
const locks = createLocks(store, { ttl: '30s' })
const cache = new HerdCache({ store, namespace: 'shop' })

await locks.request('invoice:42', async (lock) => {
  await pay({ signal: lock.signal, fence: lock.fence }) // stops when the lock is lost
})
const product = await cache.getOrSet(['product', 7], () => loadProduct(7), { ttl: '1m' })

console.log(product)

async function pay(_: { signal: AbortSignal; fence: number | undefined }) {}
async function loadProduct(id: number) {
  return { id, name: 'umbrella' }
}
