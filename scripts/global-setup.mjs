/** Jest's global setup: the servers that the tests talk to can be started, or the run ends here. */
import { tsImport } from 'tsx/esm/api'

// Jest's transform does not reach its own set-up files, and Node 20 cannot read TypeScript.
const file = '../packages/test-servers/src/ensure-servers.ts'

export default async function globalSetup() {
  const { ensureServers } = await tsImport(file, import.meta.url)
  await ensureServers()
}
