import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import type { CacheStore } from '../src/contract/cache-store.ts'
import type { LeaseStore } from '../src/contract/lease-store.ts'
import { isLocksError } from '../src/errors.ts'
import type { RequestOptions } from '../src/index.ts'
import { createLocks, optimistic, quorum } from '../src/index.ts'
import { engineRoom } from './helpers/engine-room.ts'

/** The same runs each time; a failure names the seed and the smallest case. */
const RUNS = { seed: 20_261_121, numRuns: 300 }

/** What options are given by mistake, by another version, or by somebody who tries. */
const junk = fc.oneof(
  fc.anything(),
  fc.integer(),
  fc.boolean(),
  fc.constantFrom<unknown>('1s', '30s', '0s', '366d', 'soon', Infinity, -0, 0, null, () => {}),
  fc.constantFrom<unknown>('shared', 'exclusive', 'process', 'global', 'proceed', 'reject', [], {}),
)
const optionsOf = (...names: readonly string[]) =>
  fc.oneof(
    { weight: 1, arbitrary: fc.anything() },
    { weight: 6, arbitrary: fc.dictionary(fc.constantFrom(...names), junk, { maxKeys: 4 }) },
  )

/** Stores that note what they are asked. */
function silentStores() {
  const asked: string[] = []
  const ask = async (name: string) => {
    asked.push(name)
    throw new Error('it answers nothing')
  }
  const facts = { ttlResolutionMs: 1, durability: 'volatile', fencing: true, exclusive: true }
  const make = () =>
    new Proxy(
      { facts },
      { get: (of, name) => (name === 'facts' ? of.facts : () => ask(String(name))) },
    ) as unknown as LeaseStore & CacheStore
  return { asked, make }
}

const REFUSALS = ['INVALID_ARGUMENT', 'UNSUPPORTED']

/** Whether it was taken; a refusal must be one of ours. */
async function taken(act: () => unknown): Promise<boolean> {
  try {
    await act()
    return true
  } catch (error) {
    if (!isLocksError(error)) throw error
    expect(REFUSALS).toContain(error.code)
    return false
  }
}

describe('options of any shape are taken, or refused before any command:', () => {
  test('createLocks', async () => {
    const defaults = ['ttl', 'grace', 'renew', 'wait', 'maxHold', 'fair', 'prefix', 'storeTimeout']
    const options = optionsOf(
      ...defaults,
      'onEvent',
      'traceNames',
      'permits',
      'signal',
      '__proto__',
    )
    const { asked, make } = silentStores()
    await fc.assert(
      fc.asyncProperty(options, async (given) => {
        await taken(() => createLocks(make(), given as object))
        expect(asked).toEqual([])
      }),
      RUNS,
    )
  })

  test('request, and its callback runs exactly when they are taken', async () => {
    const waits = ['ttl', 'grace', 'renew', 'wait', 'maxHold', 'fair', 'mode', 'permits', 'steal']
    const options = optionsOf(...waits, 'signal', 'onTimeout', 'ifAvailable', 'reentrant')
    await fc.assert(
      fc.asyncProperty(options, async (given) => {
        const { locks, store } = engineRoom()
        let ran = 0
        const isTaken = await taken(() => locks.request('n', given as RequestOptions, () => ran++))
        expect(ran).toBe(isTaken ? 1 : 0)
        if (!isTaken) expect(store.log).toEqual([])
      }),
      RUNS,
    )
  })

  test('quorum', async () => {
    const { asked, make } = silentStores()
    const stores = fc.oneof(fc.anything(), fc.constant([make(), make()]), fc.array(junk))
    await fc.assert(
      fc.asyncProperty(stores, optionsOf('nodeTimeout'), async (nodes, options) => {
        await taken(() => quorum(nodes as LeaseStore[], options as object))
        expect(asked).toEqual([])
      }),
      RUNS,
    )
  })

  test('optimistic, and names', async () => {
    const options = optionsOf('ttl', 'absentIsVersion', 'prefix', 'storeTimeout')
    const names = fc.oneof(fc.anything(), fc.constant('n'), fc.array(junk, { maxLength: 3 }))
    await fc.assert(
      fc.asyncProperty(names, options, async (name, given) => {
        const { asked, make } = silentStores()
        const store = make()
        try {
          await optimistic(store, name as string, given as object)
          throw new Error('nothing was asked')
        } catch (error) {
          if (!isLocksError(error)) throw error
          if (error.code === 'STORE_UNAVAILABLE') return expect(asked).toEqual(['read'])
          expect(REFUSALS).toContain(error.code)
          expect(asked).toEqual([])
        }
      }),
      RUNS,
    )
  })
})
