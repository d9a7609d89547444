import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Host } from './host.ts'
import { runCommand } from './run-command.ts'

/**
 * Downloads a Debian package and everything it needs that this machine lacks, without root, and
 * gives the paths of the files. `workDir` is scratch space; the caller removes it.
 */
export async function downloadPackages(
  name: string,
  workDir: string,
  host: Host,
): Promise<string[]> {
  const sandbox = host.root ? ['-o', 'APT::Sandbox::User=root'] : []
  try {
    return await download(name, join(workDir, 'first'), sandbox, host)
  } catch (first) {
    // Lists are missing in most container images and out of date on the rest. Fresh ones go into
    // the scratch space: that needs no root and leaves the machine as it was.
    try {
      const options = [...sandbox, ...(await privateLists(workDir))]
      await runCommand(host, 'apt-get', [...options, 'update'])
      return await download(name, join(workDir, 'second'), options, host)
    } catch (second) {
      const reasons = [first, second].map((error) => (error as Error).message)
      throw new Error(reasons.join('; with fresh package lists: '))
    }
  }
}

async function download(
  name: string,
  dir: string,
  options: readonly string[],
  host: Host,
): Promise<string[]> {
  const args = ['-s', '--no-install-recommends', 'install', name]
  const plan = await runCommand(host, 'apt-get', [...options, ...args])
  const needed = [...plan.matchAll(/^Inst (\S+)/gm)].map((match) => match[1] as string)
  await mkdir(dir)
  // An installed package is not in the plan, yet its command was not found: take it all the same.
  const names = [...new Set([name, ...needed])]
  await runCommand(host, 'apt-get', [...options, 'download', ...names], { cwd: dir })
  return (await readdir(dir)).map((file) => join(dir, file))
}

async function privateLists(workDir: string): Promise<string[]> {
  const lists = join(workDir, 'lists')
  const cache = join(workDir, 'cache')
  await mkdir(join(lists, 'partial'), { recursive: true })
  await mkdir(join(cache, 'archives', 'partial'), { recursive: true })
  return ['-o', `Dir::State::lists=${lists}`, '-o', `Dir::Cache=${cache}`]
}
