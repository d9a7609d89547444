import { describe, expect, test } from '@jest/globals'
import type { LoadSignal } from '../../src/contract/cache-store.ts'
import type { Signal } from '../../src/spec/cache-step.ts'
import { type CacheState, cacheStep } from '../../src/spec/index.ts'
import { bytes, Entry } from './cache-step-entry.ts'

describe('an entry', () => {
  test('is read as it was written, until its TTL has passed', () => {
    const entry = new Entry()
    expect(entry.read()).toBeUndefined()
    expect(entry.write('w', 'value', 500)).toEqual({ state: 'written', storeNowMs: entry.nowMs })
    entry.nowMs += 499
    expect(entry.read()).toEqual({ version: 'w', text: 'value' })
    entry.nowMs += 1
    expect(entry.read()).toBeUndefined()
  })

  test('has another version after every write, also of the same bytes', () => {
    const entry = new Entry()
    entry.write('w1', 'same')
    entry.write('w2', 'same')
    expect(entry.read()).toEqual({ version: 'w2', text: 'same' })
  })

  test('counts its TTL anew from each write', () => {
    const entry = new Entry()
    entry.write('w1', 'x', 500)
    entry.nowMs += 400
    entry.write('w2', 'y', 500)
    entry.nowMs += 400
    expect(entry.read()?.version).toBe('w2')
  })

  test('is removed, and says whether it was there', () => {
    const entry = new Entry()
    expect(entry.remove()).toBe(false)
    entry.write('w')
    expect(entry.remove()).toBe(true)
    expect(entry.read()).toBeUndefined()
    expect(entry.remove()).toBe(false)
  })

  test('that has expired was not there to be removed', () => {
    const entry = new Entry()
    entry.write('w', 'x', 500)
    entry.nowMs += 500
    expect(entry.remove()).toBe(false)
  })

  test('is not written by a late command', () => {
    const entry = new Entry()
    entry.write('new')
    expect(entry.write('old', 'old', 10_000, entry.nowMs - 1)).toEqual({
      state: 'late',
      storeNowMs: entry.nowMs,
    })
    expect(entry.read()?.version).toBe('new')
    expect(entry.write('just', 'x', 10_000, entry.nowMs).state).toBe('written')
  })
})

describe('a comparison', () => {
  const told = (reply: object) => expect({ ...reply, storeNowMs: undefined })

  test('stores over the version expected, and over none', () => {
    const entry = new Entry()
    told(entry.swap('v1', undefined)).toEqual({ state: 'written', version: 'v1' })
    told(entry.swap('v2', 'v1')).toEqual({ state: 'written', version: 'v2' })
    expect(entry.read()).toEqual({ version: 'v2', text: 'v2' })
  })

  test('answers a conflict with the version there, and changes nothing', () => {
    const entry = new Entry()
    entry.lease('load')
    told(entry.swap('v1', 'v0')).toEqual({ state: 'conflict' })
    expect(entry.commit('load')).toBe(true)
    told(entry.swap('v1', undefined)).toEqual({ state: 'conflict', version: 'load' })
    expect(entry.read()?.version).toBe('load')
  })

  test('voids the load', () => {
    const entry = new Entry()
    entry.lease('load')
    entry.swap('v1', undefined)
    expect(entry.commit('load')).toBe(false)
  })

  test('may be repeated, which neither prolongs its entry nor voids another load', () => {
    const entry = new Entry()
    entry.swap('v1', undefined)
    entry.nowMs += 9_999
    entry.lease('load', { seen: 'v1' })
    told(entry.swap('v1', undefined)).toEqual({ state: 'written', version: 'v1' })
    entry.nowMs += 1
    expect(entry.read()).toBeUndefined()
    expect(entry.commit('load')).toBe(true)
  })

  test('that comes late does nothing', () => {
    const entry = new Entry()
    told(entry.swap('v1', undefined, entry.nowMs - 1)).toEqual({ state: 'late' })
    expect(entry.read()).toBeUndefined()
  })
})

describe('signals', () => {
  const request = { token: 'w', data: bytes('w'), ttlMs: 1000 }
  const announced = { ...request, announce: true }

  /** What is told while `act` runs. */
  function signalsOf(act: (signal: Signal) => unknown): LoadSignal[] {
    const told: LoadSignal[] = []
    act((signal) => told.push(signal))
    return told
  }

  /** An entry that somebody loads, and for which somebody else may wait. */
  function loading(awaited: boolean): Entry {
    const entry = new Entry()
    entry.lease('load')
    if (awaited) entry.lease('waits')
    return entry
  }

  test('a commit tells who waits, and nobody else', () => {
    const commit = (awaited: boolean, more = {}) => {
      const { state, nowMs } = loading(awaited)
      return signalsOf((signal) =>
        cacheStep.commit(state, { ...request, token: 'load', ...more }, nowMs, signal),
      )
    }
    expect(commit(true)).toEqual([{ type: 'filled', token: 'load' }])
    expect(commit(false)).toEqual([])
    expect(commit(false, { announce: true })).toEqual([{ type: 'changed' }])
    expect(commit(true, { announce: true })).toEqual([
      { type: 'filled', token: 'load' },
      { type: 'changed' },
    ])
    expect(commit(true, { token: 'other', announce: true })).toEqual([])
  })

  test('a failure tells who waits, and nobody else', () => {
    const fail = (awaited: boolean) => {
      const { state, nowMs } = loading(awaited)
      return signalsOf((signal) => cacheStep.fail(state, 'load', 'why', 200, nowMs, signal))
    }
    expect(fail(true)).toEqual([{ type: 'failed', token: 'load', reason: 'why' }])
    expect(fail(false)).toEqual([])
  })

  test('the failure of a load that nobody waits for any more is told to nobody', () => {
    const { state, nowMs } = loading(true)
    cacheStep.fail(state, 'load', 'why', 200, nowMs)
    cacheStep.lease(state, { token: 'second', leaseMs: 1000 }, nowMs)
    const fail = (signal: Signal) => cacheStep.fail(state, 'second', 'why', 200, nowMs, signal)
    expect(signalsOf(fail)).toEqual([])
    expect(state.lease).toBeUndefined()
  })

  const voided = { type: 'voided', token: 'load' }
  const changed = { type: 'changed' }

  test.each<[string, (state: CacheState, nowMs: number, tell: boolean, signal: Signal) => unknown]>(
    [
      [
        'a write',
        (state, nowMs, tell, signal) =>
          cacheStep.write(state, tell ? announced : request, nowMs, signal),
      ],
      [
        'a comparison',
        (state, nowMs, tell, signal) =>
          cacheStep.compareAndSet(
            state,
            { ...(tell ? announced : request), expected: undefined },
            nowMs,
            signal,
          ),
      ],
      ['a removal', (state, nowMs, tell, signal) => cacheStep.remove(state, nowMs, signal, tell)],
    ],
  )('%s tells the load that it ends, and the change if it is to be announced', (_, act) => {
    const tell = ({ state, nowMs }: Entry, announce: boolean) =>
      signalsOf((signal) => act(state, nowMs, announce, signal))
    expect(tell(loading(false), false)).toEqual([voided])
    expect(tell(loading(false), true)).toEqual([voided, changed])
    expect(tell(new Entry(), false)).toEqual([])
    expect(tell(new Entry(), true)).toEqual([changed])
    const failed = loading(true)
    failed.fail('load')
    expect(tell(failed, false)).toEqual([])
    expect(failed.state.lease).toBeUndefined()
  })

  test('a removal announces nothing unless it is told to', () => {
    const { state, nowMs } = new Entry()
    expect(signalsOf((signal) => cacheStep.remove(state, nowMs, signal))).toEqual([])
  })

  test('what was refused tells nothing', () => {
    const { state, nowMs } = loading(true)
    const late = { ...announced, notAfterMs: nowMs - 1 }
    expect(signalsOf((signal) => cacheStep.write(state, late, nowMs, signal))).toEqual([])
    const conflict = { ...announced, expected: 'none' }
    const compare = (signal: Signal) => cacheStep.compareAndSet(state, conflict, nowMs, signal)
    expect(signalsOf(compare)).toEqual([])
  })

  test('a conflict with nothing names no version', () => {
    const { state, nowMs } = new Entry()
    const reply = cacheStep.compareAndSet(state, { ...request, expected: 'v' }, nowMs)
    expect(reply).toStrictEqual({ state: 'conflict', storeNowMs: nowMs })
  })
})
