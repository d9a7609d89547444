/** A process that has done its work and must end by itself. Arguments: the server's address, and how it leaves. */
import { createLocks, memcachedStore } from '../../src/index.ts'
import { connectMeta } from '../clients.ts'

const [, , address = '', way = ''] = process.argv
const { client, close } = connectMeta(address)
const locks = createLocks(memcachedStore(client), { ttl: '1h', storeTimeout: '1h' })
await (await locks.acquire(['leaver', way])).release()
await locks.close()
if (way === 'closed') await close()
