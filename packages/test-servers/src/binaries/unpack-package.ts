import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Binary, ServerName } from './binary.ts'
import { cachedBinary } from './cached-binary.ts'
import { downloadPackages } from './download-packages.ts'
import type { Host } from './host.ts'
import { runCommand } from './run-command.ts'
import { unpackedBinary } from './unpacked-binary.ts'

/**
 * Puts a server into the project cache, without root and without touching the system. A folder
 * appears there only when it is complete and its program has run, and under a name of its own, so
 * processes may race.
 */
export async function unpackPackage(name: ServerName, host: Host): Promise<Binary> {
  await mkdir(host.cacheDir, { recursive: true })
  const prefix = join(host.cacheDir, '.unpacking-')
  const workDir = await mkdtemp(prefix)
  try {
    const tree = join(workDir, 'tree')
    await mkdir(tree)
    for (const file of await downloadPackages(name, workDir, host)) {
      await runCommand(host, 'dpkg-deb', ['-x', file, tree])
    }
    await unpackedBinary(name, tree, '')
    // Another process may have been faster: its copy is as good as ours.
    return await cachedBinary(name, host).catch(async () => {
      const target = join(host.cacheDir, `${name}-${workDir.slice(prefix.length)}`)
      await rename(tree, target)
      return unpackedBinary(name, target, 'downloaded package')
    })
  } finally {
    await rm(workDir, { recursive: true, force: true })
  }
}
