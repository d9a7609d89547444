import { readdirSync, readFileSync } from 'node:fs'
import type { Script } from '../../src/script.ts'
import type { LuaMutant } from './lua-mutant.ts'

/**
 * The scripts that a mutant changes, by their hash, with their new text.
 * @throws Error unless its passage is found once, where it says.
 */
export function mutateScripts(
  { name, file, search, replace }: LuaMutant,
  folder: URL,
  scripts: Readonly<Record<string, Script>>,
): ReadonlyMap<string, string> {
  const isFragment = file.startsWith('_')
  const files = isFragment ? readdirSync(folder) : [file]
  const found = files.flatMap((each) => {
    const text = readFileSync(new URL(each, folder), 'utf8')
    return Array.from({ length: text.split(search).length - 1 }, () => each)
  })
  if (found.join() !== file) throw new Error(`mutant "${name}": found in ${found.join() || 'none'}`)
  const changed = Object.values(scripts).filter(
    (script) => (isFragment || `${script.name}.lua` === file) && script.source.includes(search),
  )
  if (changed.length === 0) throw new Error(`mutant "${name}": in no script`)
  return new Map(
    changed.map(({ sha1, source }) => [sha1, source.replaceAll(search, () => replace)]),
  )
}
