/**
 * Loads a stream and reads it again; prints how much more memory was in use at most, each time.
 * Arguments: Redis's URL, the number of items and the characters of each.
 */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { redisStore } from '@locks/redis'
import { createClient } from 'redis'
import { HerdCache } from '../../src/index.ts'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

const [url = '', items = '', characters = ''] = process.argv.slice(2)
const client = createClient({ url })
client.on('error', () => {})
await client.connect()
// No deadline that a busy machine could miss.
const cache = new HerdCache({
  store: redisStore(client),
  namespace: 'long',
  storeTimeout: '60s',
  ttl: '1h',
})
let runs = 0
const rows = cache.memoizeIter(
  function* () {
    runs++
    for (let i = 0; i < Number(items); i++)
      yield `${i} `.repeat(Number(characters) / `${i} `.length)
  },
  { key: 'rows' },
)

/** What is alive, in bytes. */
function inUse(): number {
  collectGarbage()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}

async function readAll() {
  const beforeBytes = inUse()
  let peakBytes = 0
  let length = 0
  let count = 0
  for await (const row of rows()) {
    length += row.length
    if (count++ % 25 === 0) peakBytes = Math.max(peakBytes, inUse() - beforeBytes)
  }
  return { count, length, peakBytes, runs }
}

console.log(JSON.stringify(await readAll()))
console.log(JSON.stringify(await readAll()))
client.destroy()
