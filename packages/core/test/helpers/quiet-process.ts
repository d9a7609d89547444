import { setImmediate } from 'node:timers/promises'
import { runInThisContext } from 'node:vm'
import { afterEach, beforeEach, expect } from '@jest/globals'

// Jest gives tests a copy of `process`, which hears nothing of what happens to the real one.
const realProcess: NodeJS.Process = runInThisContext('process')

/**
 * Each test of the file must leave no unhandled rejection and no warning behind.
 * @returns the warnings of the running test so far; a test that means one takes it out.
 */
export function expectQuietProcess(): { readonly warnings: Error[] } {
  const rejections: unknown[] = []
  const warnings: Error[] = []
  const onRejection = (reason: unknown) => rejections.push(reason)
  const onWarning = (warning: Error & { readonly code?: string }) => {
    // Node says this of the module loader that Jest needs.
    if (warning.name === 'ExperimentalWarning') return
    // Tests end with locks that are held, and memory is cleaned up at any time.
    if (warning.code !== 'LOCKS_UNRELEASED') warnings.push(warning)
  }

  beforeEach(() => {
    rejections.length = 0
    warnings.length = 0
    realProcess.on('unhandledRejection', onRejection)
    realProcess.on('warning', onWarning)
  })
  afterEach(async () => {
    await setImmediate()
    realProcess.off('unhandledRejection', onRejection)
    realProcess.off('warning', onWarning)
    expect({ rejections, warnings }).toEqual({ rejections: [], warnings: [] })
  })
  return { warnings }
}
