/** Takes a lease and keeps it until it is killed. Arguments: the client's name here, the server's address, then those of the suite. */
import { runHolder } from '@locks/core/conformance'
import { memcachedStore } from '../../src/index.ts'
import { connectors } from '../clients.ts'

const [, , name = '', address = ''] = process.argv
const connected = connectors[name]?.(address)
if (connected) await runHolder(memcachedStore(connected.client))
