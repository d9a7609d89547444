import type { ServerName } from './binaries/binary.ts'
import { resolveBinary } from './binaries/resolve-binary.ts'
import { serverPrograms } from './binaries/server-programs.ts'

/**
 * Makes sure that every server program can be run, and says on one line where each came from.
 * Called once before a test run, so that the tests themselves find everything in place.
 */
export async function ensureServers(): Promise<void> {
  const found: string[] = []
  // One after the other: two package downloads at once get in each other's way.
  for (const name of Object.keys(serverPrograms) as ServerName[]) {
    const { version, origin } = await resolveBinary(name)
    found.push(`${name} ${version} (${origin})`)
  }
  process.stderr.write(`Test servers: ${found.join(', ')}\n`)
}
