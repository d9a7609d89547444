import { describe, expect, test } from '@jest/globals'
import { Entry } from './cache-step-entry.ts'

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
