import { createHash } from 'node:crypto'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import type { Patch } from './bug.ts'

const packages = join(import.meta.dirname, '../../..')
const cache = join(packages, '../.cache/simulator')
const COPIED = ['core', 'herd-cache', 'memcached', 'redis', 'redis-cluster'] as const
const DAY_MS = 86_400_000

/**
 * A copy of the production sources with `patches` applied; the folder that holds it. Named after its
 * contents and made only once, so that what the TypeScript loader has cached for it stays good.
 * @throws Error when a passage to be replaced does not occur exactly once.
 */
export function patchedSources(patches: readonly Patch[]): string {
  const texts = new Map<string, string>()
  for (const { file, search, replace } of patches) {
    const text = texts.get(file) ?? readFileSync(join(packages, file), 'utf8')
    const parts = text.split(search)
    if (parts.length !== 2) {
      throw new Error(`${file}: found ${parts.length - 1} times instead of once: ${search}`)
    }
    texts.set(file, parts.join(replace))
  }
  const folder = join(cache, digest(texts))
  if (!existsSync(folder)) build(folder, texts)
  return folder
}

function digest(texts: ReadonlyMap<string, string>): string {
  const hash = createHash('sha256')
  for (const name of COPIED) {
    const src = join(packages, name, 'src')
    for (const path of readdirSync(src, { recursive: true, encoding: 'utf8' }).sort()) {
      if (!path.endsWith('.ts')) continue
      const file = `${name}/src/${path}`
      hash.update(`${file}\n${texts.get(file) ?? readFileSync(join(src, path), 'utf8')}`)
    }
  }
  return hash.digest('hex').slice(0, 16)
}

/** Builds it elsewhere first: another run may want the same copy at this moment. */
function build(folder: string, texts: ReadonlyMap<string, string>): void {
  mkdirSync(cache, { recursive: true })
  const draft = mkdtempSync(join(cache, 'draft-'))
  removeOlder(statSync(draft).mtimeMs - DAY_MS)
  for (const name of COPIED) {
    for (const part of ['src', 'package.json']) {
      cpSync(join(packages, name, part), join(draft, name, part), { recursive: true })
    }
    linkDependencies(name, join(draft, name, 'node_modules'))
  }
  for (const [file, text] of texts) writeFileSync(join(draft, file), text)
  try {
    renameSync(draft, folder)
  } catch {
    rmSync(draft, { recursive: true })
  }
}

/** The package's own dependencies, except that the copies depend on one another. */
function linkDependencies(name: string, target: string): void {
  const source = join(packages, name, 'node_modules')
  mkdirSync(join(target, '@locks'), { recursive: true })
  for (const other of ['core', 'redis']) {
    symlinkSync(`../../../${other}`, join(target, '@locks', other))
  }
  for (const entry of readdirSync(source)) {
    if (entry !== '@locks') symlinkSync(join(source, entry), join(target, entry))
  }
}

/** Copies of sources that have changed since are never asked for again. */
function removeOlder(thanMs: number): void {
  for (const entry of readdirSync(cache)) {
    const folder = join(cache, entry)
    const { mtimeMs } = statSync(folder, { throwIfNoEntry: false }) ?? { mtimeMs: thanMs }
    if (mtimeMs < thanMs) rmSync(folder, { recursive: true, force: true })
  }
}
