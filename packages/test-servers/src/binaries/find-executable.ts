import { constants } from 'node:fs'
import { access, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Host } from './host.ts'

/** The path of the first of `names` that the host can run, or `undefined`. */
export async function findExecutable(
  names: readonly string[],
  host: Host,
): Promise<string | undefined> {
  const dirs = [...(host.env.PATH ?? '').split(':'), ...host.extraDirs].filter(Boolean)
  for (const name of names) {
    for (const dir of dirs) {
      const file = join(dir, name)
      if (await isExecutable(file)) return file
    }
  }
  return undefined
}

/** Is there a program at this path? */
export async function isExecutable(file: string): Promise<boolean> {
  try {
    await access(file, constants.X_OK)
    return (await stat(file)).isFile()
  } catch {
    return false
  }
}
