import { execFile } from 'node:child_process'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const execute = promisify(execFile)

/** Outside the workspace: nobody who works here needs the peers, but for a benchmark. */
export const peersFolder = fileURLToPath(new URL('../.cache/bench-peers', import.meta.url))

const wanted = new URL('peers/package.json', import.meta.url)
const stamp = `${peersFolder}/installed.json`

/**
 * Installs what `peers/package.json` names, unless it was installed before. A peer that cannot be
 * installed is left out, and missed by name when it is measured.
 */
export async function installPeers(): Promise<void> {
  const manifest = await readFile(wanted, 'utf8')
  if ((await readFile(stamp, 'utf8').catch(() => '')) === manifest) return
  console.log('installing the peers …')
  await mkdir(peersFolder, { recursive: true })
  await writeFile(`${peersFolder}/load.mjs`, 'export const load = (name) => import(name)\n')
  const { dependencies } = JSON.parse(manifest) as { dependencies: Record<string, string> }
  const packages = Object.entries(dependencies).map(([name, version]) => `${name}@${version}`)
  await writeFile(`${peersFolder}/package.json`, '{ "private": true }\n')
  if (await install(packages)) await writeFile(stamp, manifest)
  else for (const each of packages) await install([each])
}

async function install(packages: readonly string[]): Promise<boolean> {
  // No scripts of strangers; and not the peers' own peers, which are clients of other databases.
  const flags = ['--ignore-scripts', '--no-package-lock', '--legacy-peer-deps']
  const quiet = ['--no-audit', '--no-fund', '--loglevel=error', '--fetch-retries=1']
  try {
    const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm'
    await execute(npm, ['install', '--prefix', peersFolder, ...flags, ...quiet, ...packages])
    return true
  } catch (error) {
    console.log(`npm install ${packages.join(' ')}: ${(error as Error).message.split('\n')[1]}`)
    return false
  }
}
