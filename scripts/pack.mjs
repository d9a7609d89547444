/**
 * Packs the published packages as `pnpm publish` would (workspace ranges resolved, no source
 * condition) into .cache/tarballs, for the checks that look at what users get. Needs `pnpm build`.
 */
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { publishedPackages } from './lib/published.mjs'
import { pnpm, reported, root } from './lib/run.mjs'

const folder = join(root, '.cache', 'tarballs')

function pack({ folder: cwd, manifest }) {
  const file = `${manifest.name.split('/')[1]}.tgz`
  return pnpm(['pack', '--out', join(folder, file)], { cwd, quiet: true })
}

rmSync(folder, { recursive: true, force: true })
mkdirSync(folder, { recursive: true })
await reported(() => Promise.all(publishedPackages().map(pack)))
