/**
 * A process that has done its work and must end by itself.
 * Arguments: the server's URL, and how it takes its leave.
 */
import { createClient } from 'redis'
import { createLocks, redisStore } from '../../src/index.ts'

const [url = '', way = ''] = process.argv.slice(2)
const client = createClient({ url })
client.on('error', () => {})
await client.connect()
// A timer that keeps the process alive keeps it beyond any test.
const locks = createLocks(redisStore(client), { ttl: '1h', wait: '1h', storeTimeout: '1h' })

async function contend(): Promise<void> {
  const lock = await locks.acquire('job')
  const waiting = locks.acquire('job')
  await locks.acquire('job', { wait: 100 }).catch(() => {})
  await lock.release()
  await (await waiting).release()
}

const ways: Record<string, () => Promise<void>> = {
  async released() {
    await (await locks.acquire('job')).release()
    await locks.close()
  },
  async holding() {
    await locks.acquire('job')
    await locks.close()
  },
  async contended() {
    await contend()
    await locks.close()
  },
  'contended, not closed': contend,
  async 'holding, not closed'() {
    await locks.acquire('job')
  },
}

await ways[way]?.()
client.destroy()
console.log('done')
