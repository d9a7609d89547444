import { createRequire } from 'node:module'
import { compileFunction } from 'node:vm'
import type { PRODUCTION } from './production.ts'

/** The code under test. */
export type Subject = typeof PRODUCTION

/** Runs a bundle of production code, as it is or patched. */
export function subjectOf(bundle: string): Subject {
  const module = { exports: {} as { readonly PRODUCTION: Subject } }
  const run = compileFunction(bundle, ['module', 'exports', 'require'])
  run(module, module.exports, createRequire(import.meta.url))
  return module.exports.PRODUCTION
}
