import { setImmediate } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext, runInThisContext } from 'node:vm'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { engineRoom } from '../helpers/engine-room.ts'
import { expectQuietProcess } from '../helpers/quiet-process.ts'

expectQuietProcess()

// Jest gives tests a copy of `process`, which hears nothing of what happens to the real one.
const realProcess: NodeJS.Process = runInThisContext('process')

setFlagsFromString('--expose-gc')
const collectGarbage: () => void = runInNewContext('gc')

/** Cleans memory up until `isSo`; the test's own timeout bounds it. */
async function cleanUntil(isSo: () => boolean): Promise<void> {
  while (!isSo()) {
    collectGarbage()
    await setImmediate()
  }
}

/** A handle that is gone for certain shows that all older ones had their chance. */
async function cleanThoroughly(): Promise<void> {
  let cleaned = false
  const registry = new FinalizationRegistry(() => {
    cleaned = true
  })
  ;(() => registry.register({}, 0))()
  await cleanUntil(() => cleaned)
  collectGarbage()
  await setImmediate()
}

let warnings: Error[] = []
// Handles that the tests of other files have dropped in this process are none of this one's.
const onWarning = (warning: Error) => {
  if (/^lock dropped-\w+ /.test(warning.message)) warnings.push(warning)
}
beforeEach(() => {
  warnings = []
  realProcess.on('warning', onWarning)
})
afterEach(() => {
  realProcess.off('warning', onWarning)
})

describe('a handle that is dropped unreleased [C66]', () => {
  test('is told as an event and as one warning, and its lock is not released', async () => {
    const { locks, store, events, clock } = engineRoom()
    const unreleased = () => events.filter(({ type }) => type === 'unreleased')
    await (async () => {
      await locks.acquire('dropped-n')
      await locks.acquire('dropped-m')
    })()
    // Until the first renewal the locks keep them.
    await clock.advance(10_000)
    await cleanUntil(() => unreleased().length === 2)
    expect(new Set(unreleased())).toEqual(
      new Set([
        { type: 'unreleased', name: 'dropped-n' },
        { type: 'unreleased', name: 'dropped-m' },
      ]),
    )
    await clock.advance(100_000)
    await setImmediate()
    expect(store.holders('locks:l1:{dropped-n}')).toHaveLength(1)
    expect(store.sent('release')).toEqual([])
    expect(warnings).toMatchObject([
      {
        name: 'LocksWarning',
        code: 'LOCKS_UNRELEASED',
        message: expect.not.stringMatching(/token-/),
      },
    ])
  })

  test('is no news after its release, its loss or its hand-over', async () => {
    const { locks, events, clock } = engineRoom({ renew: false })
    await (async () => {
      await (await locks.acquire('n')).release()
      ;(await locks.acquire('n')).handover()
      await locks.acquire('m')
      await (await locks.acquire('l')).extend()
    })()
    await clock.advance(100_000)
    await cleanThoroughly()
    expect(events.map(({ type }) => type)).not.toContain('unreleased')
  })

  test('is not kept after its release by a listener on its own signal', async () => {
    const { locks, clock } = engineRoom()
    let gone = false
    const registry = new FinalizationRegistry(() => {
      gone = true
    })
    await (async () => {
      const lock = await locks.acquire('n')
      registry.register(lock, 0)
      lock.signal.addEventListener('abort', () => lock.assertHeld())
      await clock.advance(10_000)
      await lock.release()
    })()
    await cleanUntil(() => gone)
  })

  test('is no news while somebody has the handle', async () => {
    const { locks, events, clock } = engineRoom()
    const lock = await locks.acquire('n')
    await clock.advance(10_000)
    await cleanThoroughly()
    expect(events.map(({ type }) => type)).not.toContain('unreleased')
    expect(lock.held).toBe(true)
  })
})
