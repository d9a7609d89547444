import { describe, expect, test } from '@jest/globals'
import { decodeMark } from '../../src/tags/tag-mark.ts'
import { filled, tagged } from '../helpers/tagged.ts'
import { stored, World } from '../helpers/world.ts'

const keyOf = (tag: string) => `test:t1:{${tag}}`

describe('the version of a tag', () => {
  test('that the store has lost matches nothing, and none comes twice', async () => {
    const { world, one, two } = await filled((cache) => cache.set('k', 1, tagged('x')))
    delete world.store.state(keyOf('x')).entry
    expect(await two.cache.get('k')).toBeUndefined()
    await one.cache.set('other', 2, tagged('x'))
    expect(await two.cache.getMany(['k', 'other'])).toEqual([undefined, 2])
  })

  test('that is not ours counts as lost, and is replaced', async () => {
    const { world, one, two } = await filled((cache) => cache.set('k', 1, tagged('x')))
    world.store.plant(keyOf('x'), Buffer.from('what is this?'))
    expect(await two.cache.get('k')).toBeUndefined()
    await one.cache.set('k', 2, tagged('x'))
    expect(await two.cache.get('k')).toBe(2)
  })

  test('outlives every value that has it, without being another one', async () => {
    const { world, one, two } = await filled((cache) => cache.set('k', 1, tagged('x')))
    const versionNow = () => decodeMark(world.store.entry(keyOf('x'))?.data ?? Buffer.of())?.version
    const version = versionNow()
    for (const ttl of ['1h', '30d', '365d'] as const) {
      await one.cache.set('long', 1, { ttl, grace: '1h', tags: ['x'] })
      const { untilMs = 0 } = world.store.state(keyOf('x')).entry ?? {}
      const entryUntilMs = world.store.state(stored('long')).entry?.untilMs ?? Number.NaN
      expect(untilMs).toBeGreaterThanOrEqual(entryUntilMs)
      expect(untilMs).toBeLessThan(Number.POSITIVE_INFINITY)
    }
    expect(versionNow()).toBe(version)
    expect(await two.cache.get('k')).toBe(1)
  })

  test('does not end while values with it are set again and again', async () => {
    const { world, one, two } = await filled((cache) => cache.set('k', 1, tagged('x')))
    for (let days = 0; days < 3; days++) {
      await world.clock.advance(3_600_000 * 24)
      await one.cache.set(`k${days}`, days, { ttl: '10d', tags: ['x'] })
    }
    expect(await two.cache.getMany(['k0', 'k1', 'k2'])).toEqual([0, 1, 2])
  })

  test('is as secret as names are, with a cipher', async () => {
    const { aesGcmCipher } = await import('../../src/index.ts')
    const secret = Buffer.alloc(32, 7)
    const cipher = aesGcmCipher({ keys: [{ id: 1, secret }], nameSecret: secret })
    const world = new World()
    const { cache, link } = world.start({ cipher })
    await cache.set('k', 1, tagged('patient'))
    expect(await cache.get('k')).toBe(1)
    await cache.invalidateTags(['patient'])
    expect(await cache.get('k')).toBeUndefined()
    expect(JSON.stringify(link.sent)).not.toContain('patient')
    const bytes = link.sent.map(({ request }) => (request as { data?: Uint8Array }).data)
    for (const data of bytes) expect(Buffer.from(data ?? []).includes('patient')).toBe(false)
  })
})
