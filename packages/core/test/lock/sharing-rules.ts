import { afterEach, expect, test } from '@jest/globals'
import type { AcquireOptions, Lock, Locks } from '../../src/index.ts'
import { rejectionOf } from '../helpers/settling.ts'

export interface SharingWorld {
  /** Locks of one more client of one store. */
  open(): Promise<Locks>
  /** Resolves when so many wait in the queue of `name`. */
  queued(name: string, count: number): Promise<void>
  /** Resolves when `name` has so many holders. */
  holders(name: string, count: number): Promise<void>
}

const READER = { mode: 'shared', wait: Infinity } as const
const WRITER = { mode: 'exclusive', wait: Infinity } as const

/** What readers, writers and permits promise on every store with a queue. */
export function sharingRules(world: SharingWorld): void {
  const opened: Locks[] = []
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((locks) => locks.close()))
  })

  async function open(): Promise<Locks> {
    const locks = await world.open()
    opened.push(locks)
    return locks
  }

  /** Asks for `n` as each says, each after the one before stands in the queue; who has it is in the list. */
  async function line(
    behind: number,
    asks: readonly (AcquireOptions & { readonly who: string })[],
  ) {
    const has: string[] = []
    const locks = await open()
    const waiting: Promise<Lock>[] = []
    for (const [index, { who, ...options }] of asks.entries()) {
      const acquired = locks.acquire('n', options).then((lock) => {
        has.push(who)
        return lock
      })
      // Of those that still wait when a test has failed, nobody needs to hear.
      acquired.catch(() => {})
      waiting.push(acquired)
      await world.queued('n', behind + index + 1)
    }
    return { has, waiting }
  }

  test('readers hold together, and a writer waits for all of them', async () => {
    const [mine, others] = [await open(), await open()]
    const readers = [await mine.acquire('n', READER), await others.acquire('n', READER)]
    expect(await mine.tryAcquire('n', { mode: 'exclusive' })).toBeNull()
    const { has, waiting } = await line(0, [{ ...WRITER, who: 'writer' }])
    await readers[0]?.release()
    expect(await others.tryAcquire('n', { mode: 'exclusive' })).toBeNull()
    expect(has).toEqual([])
    await readers[1]?.release()
    expect((await waiting[0])?.held).toBe(true)
  })

  test('a writer excludes readers and writers', async () => {
    const [mine, others] = [await open(), await open()]
    const writer = await mine.acquire('n', WRITER)
    for (const mode of ['shared', 'exclusive'] as const) {
      expect(await mine.tryAcquire('n', { mode })).toBeNull()
      expect(await others.tryAcquire('n', { mode })).toBeNull()
    }
    await writer.release()
    expect(await others.tryAcquire('n', { mode: 'shared' })).not.toBeNull()
  })

  test('a waiting writer is not overtaken by later readers', async () => {
    const locks = await open()
    const reader = await locks.acquire('n', READER)
    const { has, waiting } = await line(0, [
      { ...WRITER, who: 'writer' },
      { ...READER, who: 'late reader' },
    ])
    expect(await locks.tryAcquire('n', { mode: 'shared' })).toBeNull()
    await reader.release()
    const writer = await waiting[0]
    expect(has).toEqual(['writer'])
    await writer?.release()
    await waiting[1]
  })

  test('a release grants the longest part of the queue that fits', async () => {
    const locks = await open()
    const first = await locks.acquire('n', WRITER)
    const { has, waiting } = await line(0, [
      { ...READER, who: 'reader 1' },
      { ...READER, who: 'reader 2' },
      { ...READER, who: 'reader 3' },
      { ...WRITER, who: 'writer' },
      { ...READER, who: 'reader 4' },
    ])
    await first.release()
    const readers = await Promise.all(waiting.slice(0, 3))
    expect(has.toSorted()).toEqual(['reader 1', 'reader 2', 'reader 3'])
    await world.queued('n', 2)
    for (const reader of readers) expect(await reader.verify()).toBe(true)
    for (const reader of readers) await reader.release()
    const writer = await waiting[3]
    expect(has[3]).toBe('writer')
    await writer?.release()
    await waiting[4]
  })

  test('fences of readers and writers grow in the order of their grants', async () => {
    const locks = await open()
    const fences: number[] = []
    for (const options of [READER, READER, READER]) {
      fences.push((await locks.acquire('n', options)).fence ?? Number.NaN)
    }
    const after = await open()
    await locks.close()
    fences.push((await after.acquire('n', WRITER)).fence ?? Number.NaN)
    expect(fences).toEqual([...new Set(fences)].toSorted((a, b) => a - b))
  })

  test('as many hold a name as it has permits, and a release lets in one', async () => {
    const [mine, others] = [await open(), await open()]
    const options = { permits: 3, wait: Infinity }
    const held = [
      await mine.acquire('n', options),
      await others.acquire('n', options),
      await mine.acquire('n', options),
    ]
    expect(await others.tryAcquire('n', { permits: 3 })).toBeNull()
    const { has, waiting } = await line(0, [
      { ...options, who: 'fourth' },
      { ...options, who: 'fifth' },
    ])
    await held[1]?.release()
    await waiting[0]
    await world.queued('n', 1)
    expect(has).toEqual(['fourth'])
    await held[0]?.release()
    await waiting[1]
    expect(await mine.tryAcquire('n', { permits: 3 })).toBeNull()
  })

  test.each<[string, AcquireOptions, AcquireOptions]>([
    ['a reader', { mode: 'shared' }, { mode: 'exclusive' }],
    ['a holder of a permit', { permits: 2 }, { permits: 2 }],
  ])('%s that is gone gives back what it took, and no more', async (_who, taken, wanted) => {
    const [crashed, alive] = [await open(), await open()]
    // Never renewed or released: as good as dead.
    const lease = { ttl: '3s', grace: 0, renew: false, ...taken } as const
    await crashed.acquire('n', lease)
    const survivor = await alive.acquire('n', taken)
    const { has, waiting } = await line(0, [{ wait: Infinity, ...wanted, who: 'next' }])
    if (wanted.mode === 'exclusive') {
      await world.holders('n', 1)
      expect(await alive.tryAcquire('n', wanted)).toBeNull()
      expect(has).toEqual([])
      expect(await survivor.release()).toBe(true)
    }
    expect((await waiting[0])?.held).toBe(true)
    if (wanted.mode !== 'exclusive') expect(await survivor.verify()).toBe(true)
  })

  test.each<[string, AcquireOptions, AcquireOptions, number, number]>([
    ['readers', { mode: 'shared' }, {}, 2 ** 31, 1],
    ['a writer', { mode: 'exclusive' }, { permits: 2 }, 2 ** 31, 2],
    ['permits', { permits: 5 }, { permits: 6 }, 5, 6],
    ['permits', { permits: 5 }, { mode: 'shared' }, 5, 2 ** 31],
    ['nothing of the kind', {}, { mode: 'exclusive' }, 1, 2 ** 31],
  ])(
    'a name in use with %s is a conflict for who asks otherwise',
    async (_what, used, wanted, is, not) => {
      const [mine, others] = [await open(), await open()]
      const lock = await mine.acquire('n', used)
      for (const call of [others.acquire('n', wanted), others.tryAcquire('n', wanted)]) {
        const error = (await rejectionOf(call)) as { code: string; message: string }
        expect(error.code).toBe('CONFLICT')
        expect(error.message).toMatch(new RegExp(`\\b${is}\\b.*\\b${not}\\b`))
      }
      expect(await lock.verify()).toBe(true)
      await lock.release()
      expect((await others.acquire('n', wanted)).held).toBe(true)
    },
  )
}
