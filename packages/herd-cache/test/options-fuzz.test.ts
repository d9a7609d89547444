import { describe, expect, test } from '@jest/globals'
import { createLocks, isLocksError, quorum } from '@locks/core'
import { memcachedStore, metaTransport } from '@locks/memcached'
import { memoryStore } from '@locks/memory'
import { redisStore } from '@locks/redis'
import { redisClusterStore } from '@locks/redis-cluster'
import fc from 'fast-check'
import { aesGcmCipher, type CacheStore, HerdCache, zlibCompressor } from '../src/index.ts'

/** The same runs each time; a failure names the seed and the smallest case. */
const RUNS = { seed: 20_261_121, numRuns: 300 }

/** What options are given by mistake, by another version, or by somebody who tries. */
const junk = fc.oneof(
  fc.anything(),
  fc.integer(),
  fc.boolean(),
  fc.constantFrom<unknown>('1s', '30s', '0s', '366d', 'soon', Infinity, -0, 0, null, () => {}),
  fc.constantFrom<unknown>(
    Buffer.alloc(32),
    [],
    {},
    'utf8',
    { id: 1 },
    { max: 1 },
    { failures: 0 },
  ),
)
const optionsOf = (...names: readonly string[]) =>
  fc.oneof(
    { weight: 1, arbitrary: fc.anything() },
    { weight: 6, arbitrary: fc.dictionary(fc.constantFrom(...names), junk, { maxKeys: 4 }) },
  )

/** Whether it was taken; a refusal must be one of ours. */
async function taken(act: () => unknown): Promise<boolean> {
  try {
    await act()
    return true
  } catch (error) {
    if (!isLocksError(error)) throw error
    // A time that was taken, and is shorter than this machine needs.
    if (error.code === 'LOAD_TIMEOUT') return true
    expect(['INVALID_ARGUMENT', 'UNSUPPORTED']).toContain(error.code)
    return false
  }
}

/** A store that notes what it is asked. */
function notedStore(): { store: CacheStore; asked: string[] } {
  const asked: string[] = []
  const store = new Proxy(memoryStore(), {
    get(target, name) {
      const part: unknown = Reflect.get(target, name)
      if (typeof part !== 'function') return part
      return (...args: unknown[]) => {
        // To listen is to ask nothing.
        if (!String(name).startsWith('on')) asked.push(String(name))
        return (part as (...args: unknown[]) => unknown).apply(target, args)
      }
    },
  })
  return { store, asked }
}

const LIFE = ['ttl', 'grace', 'jitter', 'early', 'negativeTtl', 'staleIfError', 'tags']
const LOAD = ['softTimeout', 'loaderTimeout', 'waitTimeout', 'signal', 'shouldCache', 'retryIn']
const STAGES = ['identity', 'serializer', 'compressor', 'compressFromBytes', 'cipher']
const REST = ['namespace', 'lease', 'storeTimeout', 'l1', 'breaker', 'onEvent', 'maxLoads']

describe('options of any shape are taken, or refused before any command:', () => {
  test('HerdCache', async () => {
    const options = optionsOf(...LIFE, ...LOAD, ...STAGES, ...REST)
    await fc.assert(
      fc.asyncProperty(options, async (given) => {
        const { store, asked } = notedStore()
        const more = typeof given === 'object' ? given : {}
        for (const raw of [
          { namespace: 'n', ...more, store },
          given,
          { namespace: 'n', store: given },
        ])
          await taken(() =>
            new HerdCache(raw as ConstructorParameters<typeof HerdCache>[0]).close(),
          )
        expect(asked).toEqual([])
      }),
      RUNS,
    )
  })

  test.each(['getOrSet', 'set'] as const)('%s', async (method) => {
    const options = optionsOf(...LIFE, ...LOAD)
    await fc.assert(
      fc.asyncProperty(options, async (given) => {
        const { store, asked } = notedStore()
        const cache = new HerdCache({ store, namespace: 'n', storeTimeout: '30s' })
        const load = method === 'set' ? 'v' : () => 'v'
        const call = cache[method] as (...args: unknown[]) => Promise<unknown>
        const isTaken = await taken(() => call.call(cache, 'k', load, given))
        if (!isTaken) expect(asked).toEqual([])
        await cache.close()
      }),
      RUNS,
    )
  })

  test('ciphers and compressors', async () => {
    await fc.assert(
      fc.asyncProperty(optionsOf('keys', 'nameSecret'), junk, async (options, format) => {
        await taken(() => zlibCompressor(format as 'gzip'))
        await taken(() => aesGcmCipher(options as Parameters<typeof aesGcmCipher>[0]))
      }),
      RUNS,
    )
  })

  test('stores', async () => {
    const client = { sendCommand: () => Promise.reject(new Error('it was asked')) }
    const transport = () => metaTransport({ port: 1 })
    const options = optionsOf(
      ...['subscriber', 'itemBytesMax', 'locksOnSeveralServers', 'confirm', 'confirmWithin'],
      ...['timeout', 'host', 'port', 'path', 'tls', 'login', 'onEvent'],
    )
    await fc.assert(
      fc.asyncProperty(options, async (given) => {
        const some = given as never
        for (const act of [
          () => redisStore(client, some),
          () => redisStore(some),
          () => redisClusterStore(some),
          () => redisClusterStore({ ...client, nodeClient: client.sendCommand } as never, some),
          () => memcachedStore(transport(), some),
          () => memcachedStore(some),
          () => metaTransport(some),
          () => createLocks(some),
          () => createLocks(memoryStore(), some),
          () => createLocks(quorum(some)),
        ])
          await taken(act)
      }),
      RUNS,
    )
  })
})
