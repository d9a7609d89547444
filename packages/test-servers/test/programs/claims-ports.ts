/** Claims as many ports as it is told to, prints them, and keeps them until it is told to end. */
import { claimPort } from '@locks/test-servers'

const claims = await Promise.all(Array.from({ length: Number(process.argv[2]) }, claimPort))
console.log(claims.map(({ port }) => port).join())
process.stdin.once('data', () => process.exit())
