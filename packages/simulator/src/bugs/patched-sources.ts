import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Patch } from './bug.ts'

/** Where the sources of all packages are. */
export const PACKAGES = join(import.meta.dirname, '../../..')

/**
 * The production sources that `patches` change, by absolute path, as they are then.
 * @throws Error when a passage to be replaced does not occur exactly once.
 */
export function patchedSources(patches: readonly Patch[]): ReadonlyMap<string, string> {
  const texts = new Map<string, string>()
  for (const { file, search, replace } of patches) {
    const path = join(PACKAGES, file)
    const parts = (texts.get(path) ?? readFileSync(path, 'utf8')).split(search)
    if (parts.length !== 2) {
      throw new Error(`${file}: found ${parts.length - 1} times instead of once: ${search}`)
    }
    texts.set(path, parts.join(replace))
  }
  return texts
}
