import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Binary, ServerName } from './binary.ts'
import { isExecutable } from './find-executable.ts'
import { probeBinary } from './probe-binary.ts'
import { serverPrograms } from './server-programs.ts'

/** The server program inside a tree of unpacked packages, with the libraries of that tree. */
export async function unpackedBinary(
  name: ServerName,
  tree: string,
  origin: string,
): Promise<Binary> {
  for (const command of serverPrograms[name].commands) {
    const file = join(tree, 'usr', 'bin', command)
    if (!(await isExecutable(file))) continue
    const env = { LD_LIBRARY_PATH: (await libraryDirs(tree)).join(':') }
    return probeBinary(name, file, env, origin)
  }
  throw new Error(`${tree} does not contain it`)
}

async function libraryDirs(tree: string): Promise<string[]> {
  const dirs: string[] = []
  for (const lib of [join(tree, 'usr', 'lib'), join(tree, 'lib')]) {
    const entries = await readdir(lib, { withFileTypes: true }).catch(() => [])
    // Debian keeps libraries one level down, in a folder named after the architecture.
    dirs.push(lib, ...entries.filter((e) => e.isDirectory()).map((e) => join(lib, e.name)))
  }
  return dirs
}
