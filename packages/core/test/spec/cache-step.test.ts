import { describe, expect, test } from '@jest/globals'
import type { LoadSignal } from '../../src/contract/cache-store.ts'
import type { Signal } from '../../src/spec/cache-step.ts'
import { type CacheState, cacheStep } from '../../src/spec/index.ts'

const bytes = (text: string) => new TextEncoder().encode(text)

/** One entry in a store whose clock the test controls. */
class Entry {
  readonly state: CacheState = {}
  nowMs = 1_700_000_000_000

  read() {
    const entry = cacheStep.read(this.state, this.nowMs)
    return entry && { version: entry.version, text: new TextDecoder().decode(entry.data) }
  }
  lease(token: string, more: Partial<Parameters<typeof cacheStep.lease>[1]> = {}) {
    return cacheStep.lease(this.state, { token, leaseMs: 1000, ...more }, this.nowMs)
  }
  renew(token: string, leaseMs = 1000) {
    return cacheStep.renew(this.state, token, leaseMs, this.nowMs)
  }
  commit(token: string, text = token, ttlMs = 10_000) {
    return cacheStep.commit(this.state, { token, data: bytes(text), ttlMs }, this.nowMs)
  }
  fail(token: string, reason = `${token} failed`, keepMs = 200) {
    cacheStep.fail(this.state, token, reason, keepMs, this.nowMs)
  }
  write(token: string, text = token, ttlMs = 10_000, notAfterMs?: number) {
    const guard = notAfterMs === undefined ? {} : { notAfterMs }
    const request = { token, data: bytes(text), ttlMs, ...guard }
    return cacheStep.write(this.state, request, this.nowMs)
  }
  swap(token: string, expected: string | undefined, notAfterMs?: number) {
    const guard = notAfterMs === undefined ? {} : { notAfterMs }
    const request = { token, data: bytes(token), ttlMs: 10_000, expected, ...guard }
    return cacheStep.compareAndSet(this.state, request, this.nowMs)
  }
  remove() {
    return cacheStep.remove(this.state, this.nowMs)
  }
}

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

describe('the election of a loader', () => {
  test('is won by the first, and lost by those who come while it loads', () => {
    const entry = new Entry()
    expect(entry.lease('a')).toEqual({ state: 'won', vanished: false, storeNowMs: entry.nowMs })
    entry.nowMs += 300
    expect(entry.lease('b')).toEqual({
      state: 'lost',
      holder: 'a',
      remainingMs: 700,
      vanished: false,
      storeNowMs: entry.nowMs,
    })
  })

  test('is won again by the token that holds it, which moves its end', () => {
    const entry = new Entry()
    entry.lease('a')
    entry.nowMs += 300
    expect(entry.lease('a').state).toBe('won')
    expect(entry.lease('b')).toMatchObject({ state: 'lost', remainingMs: 1000 })
  })

  test('is open again when the lease has ended', () => {
    const entry = new Entry()
    entry.lease('a')
    entry.nowMs += 1000
    expect(entry.lease('b').state).toBe('won')
  })

  test('is not needed when somebody has loaded meanwhile: the value is fresh', () => {
    const entry = new Entry()
    entry.lease('a')
    entry.commit('a', 'value')
    const reply = entry.lease('b')
    expect(reply).toMatchObject({ state: 'fresh', entry: { version: 'a' } })
    expect(entry.lease('b', { seen: 'older' }).state).toBe('fresh')
    expect(entry.state.lease).toBeUndefined()
  })

  test('is open for whoever has seen the value that is there', () => {
    const entry = new Entry()
    entry.write('v1')
    expect(entry.lease('a', { seen: 'v1' })).toMatchObject({ state: 'won', vanished: false })
    expect(entry.lease('b', { seen: 'v1' })).toMatchObject({ state: 'lost', vanished: false })
  })

  test('tells the winner and the losers that the value they have seen is gone', () => {
    const entry = new Entry()
    entry.write('v1')
    entry.remove()
    expect(entry.lease('a', { seen: 'v1' })).toMatchObject({ state: 'won', vanished: true })
    expect(entry.lease('b', { seen: 'v1' })).toMatchObject({ state: 'lost', vanished: true })
    expect(entry.lease('c')).toMatchObject({ state: 'lost', vanished: false })
  })

  test('does not take part late', () => {
    const entry = new Entry()
    expect(entry.lease('a', { notAfterMs: entry.nowMs - 1 })).toEqual({
      state: 'late',
      storeNowMs: entry.nowMs,
    })
    expect(entry.state.lease).toBeUndefined()
    expect(entry.lease('a', { notAfterMs: entry.nowMs }).state).toBe('won')
  })

  test('leaves the value alone', () => {
    const entry = new Entry()
    entry.write('v1', 'value', 500)
    entry.lease('a', { seen: 'v1', leaseMs: 10_000 })
    entry.renew('a', 10_000)
    expect(entry.read()).toEqual({ version: 'v1', text: 'value' })
    entry.nowMs += 500
    expect(entry.read()).toBeUndefined()
    expect(entry.commit('a')).toBe(true)
  })
})

describe('the lease of a load', () => {
  test('is moved by its holder alone', () => {
    const entry = new Entry()
    entry.lease('a')
    entry.nowMs += 900
    expect(entry.renew('b')).toBe(false)
    expect(entry.renew('a', 500)).toBe(true)
    entry.nowMs += 499
    expect(entry.lease('b')).toMatchObject({ state: 'lost', remainingMs: 1 })
    entry.nowMs += 1
    expect(entry.renew('a')).toBe(false)
    expect(entry.lease('b').state).toBe('won')
  })

  test('is needed to commit: once, by its holder, in time', () => {
    const entry = new Entry()
    expect(entry.commit('a')).toBe(false)
    entry.lease('a')
    expect(entry.commit('b')).toBe(false)
    expect(entry.commit('a', 'value')).toBe(true)
    expect(entry.read()).toEqual({ version: 'a', text: 'value' })
    expect(entry.commit('a', 'again')).toBe(false)
    expect(entry.read()?.text).toBe('value')
  })

  test('that has ended fences its loader off', () => {
    const entry = new Entry()
    entry.lease('slow')
    entry.nowMs += 1000
    expect(entry.commit('slow')).toBe(false)
    entry.lease('next')
    expect(entry.commit('slow')).toBe(false)
    expect(entry.commit('next')).toBe(true)
  })

  test('is void after a write: a slow loader never overwrites it', () => {
    const entry = new Entry()
    entry.lease('slow')
    entry.write('new', 'new')
    expect(entry.commit('slow', 'old')).toBe(false)
    expect(entry.read()?.text).toBe('new')
    expect(entry.renew('slow')).toBe(false)
  })

  test('is void after a removal: a slow loader never revives the value', () => {
    const entry = new Entry()
    entry.lease('slow')
    expect(entry.remove()).toBe(false)
    expect(entry.commit('slow')).toBe(false)
    expect(entry.read()).toBeUndefined()
    expect(entry.lease('next').state).toBe('won')
  })

  test('stays when a late write does nothing', () => {
    const entry = new Entry()
    entry.lease('a')
    entry.write('w', 'x', 10_000, entry.nowMs - 1)
    expect(entry.commit('a')).toBe(true)
  })
})

describe('a load that fails', () => {
  test('tells those who wait for it why, for a while', () => {
    const entry = new Entry()
    entry.lease('a')
    entry.lease('b', { awaited: 'a' })
    entry.fail('a', 'no database', 200)
    expect(entry.lease('b', { awaited: 'a' })).toEqual({
      state: 'failed',
      reason: 'no database',
      storeNowMs: entry.nowMs,
    })
    entry.nowMs += 199
    expect(entry.lease('c', { awaited: 'a' }).state).toBe('failed')
    entry.nowMs += 1
    expect(entry.lease('d', { awaited: 'a' }).state).toBe('won')
  })

  test('leaves nothing behind when nobody waits', () => {
    const entry = new Entry()
    entry.lease('a')
    entry.fail('a')
    expect(entry.state).toEqual({})
    expect(entry.lease('b', { awaited: 'a' }).state).toBe('won')
  })

  test('frees the election at once for whoever does not wait for it', () => {
    const entry = new Entry()
    entry.lease('a')
    entry.lease('b')
    entry.fail('a')
    expect(entry.lease('c').state).toBe('won')
  })

  test('still tells why while the next one loads, and not after that has loaded', () => {
    const entry = new Entry()
    entry.lease('a')
    entry.lease('b', { awaited: 'a' })
    entry.fail('a', 'no database')
    entry.lease('next')
    expect(entry.lease('b', { awaited: 'a' })).toMatchObject({ reason: 'no database' })
    expect(entry.lease('c', { awaited: 'other' }).state).toBe('lost')
    entry.commit('next')
    expect(entry.lease('b', { awaited: 'a' }).state).toBe('fresh')
  })

  test('counts only while it has its lease', () => {
    const entry = new Entry()
    entry.lease('a')
    entry.lease('b', { awaited: 'a' })
    entry.fail('stranger')
    expect(entry.lease('b', { awaited: 'a' }).state).toBe('lost')
    entry.nowMs += 1000
    entry.fail('a')
    expect(entry.lease('b', { awaited: 'a' }).state).toBe('won')
    entry.fail('a', 'too late')
    expect(entry.lease('c', { awaited: 'a' }).state).toBe('lost')
  })

  test('can no longer commit or renew', () => {
    const entry = new Entry()
    entry.lease('a')
    entry.lease('b')
    entry.fail('a')
    expect(entry.commit('a')).toBe(false)
    expect(entry.renew('a')).toBe(false)
  })

  test('keeps the old value, which a stale reader may still use', () => {
    const entry = new Entry()
    entry.write('v1', 'old')
    entry.lease('a', { seen: 'v1' })
    entry.lease('b', { seen: 'v1', awaited: 'a' })
    entry.fail('a')
    expect(entry.read()?.text).toBe('old')
    expect(entry.lease('b', { seen: 'v1', awaited: 'a' }).state).toBe('failed')
  })

  test('is forgotten with a write or a removal', () => {
    for (const end of [(entry: Entry) => entry.write('w'), (entry: Entry) => entry.remove()]) {
      const entry = new Entry()
      entry.lease('a')
      entry.lease('b', { awaited: 'a' })
      entry.fail('a')
      end(entry)
      expect(entry.lease('b', { awaited: 'a' }).state).not.toBe('failed')
    }
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
