/**
 * Builds the package in the current folder: the same sources twice, as ES modules and as CommonJS.
 * No bundler, so that stack traces and "go to source" lead to files that exist.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { bin, mustRun, reported } from './lib/run.mjs'

async function main() {
  const cwd = process.cwd()
  rmSync('dist', { recursive: true, force: true }) // a renamed source must not leave its old output
  for (const config of ['tsconfig.esm.json', 'tsconfig.cjs.json']) {
    await mustRun(process.execPath, [bin('typescript', 'tsc'), '-p', config], { cwd })
  }
  // Overrides the package's "type": "module" for the CommonJS half.
  mkdirSync('dist/cjs', { recursive: true })
  writeFileSync('dist/cjs/package.json', '{ "type": "commonjs" }\n')
}

await reported(main)
