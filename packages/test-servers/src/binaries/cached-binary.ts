import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Binary, ServerName } from './binary.ts'
import type { Host } from './host.ts'
import { unpackedBinary } from './unpacked-binary.ts'

/** The server program in the project cache: the first copy that runs. */
export async function cachedBinary(name: ServerName, host: Host): Promise<Binary> {
  const entries = await readdir(host.cacheDir).catch(() => [])
  const copies = entries.filter((entry) => entry.startsWith(`${name}-`))
  let reason: unknown = new Error(`no ${name} in ${host.cacheDir}`)
  for (const copy of copies.sort()) {
    try {
      return await unpackedBinary(name, join(host.cacheDir, copy), 'project cache')
    } catch (error) {
      reason = error
    }
  }
  throw reason
}
