/** Many calls to a server that was killed, and then the time at which the client looks after it. Argument: its address. */
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { memcachedStore } from '../../src/index.ts'
import { connectClient } from '../clients.ts'

const [, , address = ''] = process.argv
const { client, close } = connectClient(address, { reconnect: 50 })
const store = memcachedStore(client)
const acquire = (key: string) => store.acquire({ key, token: 't', ttlMs: 60_000 })
await acquire('warm')
console.log('connected')
await once(process.stdin, 'data')
process.stdin.destroy()

const { issues } = client as unknown as { issues: Record<string, Record<string, boolean>> }
const isScheduled = () => issues[address]?.isScheduledToReconnect === true
while (!isScheduled()) {
  await Promise.allSettled(Array.from({ length: 30 }, (_, at) => acquire(`key${at}`)))
}
console.log(`dead: ${isScheduled()}`)
while (isScheduled()) await sleep(5)
console.log(`back: ${!isScheduled()}`)
close()
