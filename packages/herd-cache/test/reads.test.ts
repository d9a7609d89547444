import { expect, test } from '@jest/globals'
import type { Compressor } from '../src/index.ts'
import type { StoreLink } from './helpers/store-link.ts'
import { slowLoader, stored, World } from './helpers/world.ts'

const namesOf = (count: number) => Array.from({ length: count }, (_, i) => `k${i}`)

/** The keys of each read of a process since it was last asked. */
function readsBy(link: StoreLink): string[][] {
  const reads = link.sentOf('read').map(({ request }) => request as string[])
  link.sent.length = 0
  return reads
}

/** A process that needs to read nothing but the values `k0`, `k1`, … */
async function filled(count: number, options: object = {}) {
  const world = new World()
  const { cache, link, events } = world.start(options)
  const names = namesOf(count)
  await cache.setMany(names.map((name) => [name, `value of ${name}`]))
  await cache.get('another')
  readsBy(link)
  const values = names.map((name) => `value of ${name}`)
  return { world, cache, link, events, names, values, load: slowLoader(world.clock, 0, 'loaded') }
}

test('what is asked for in one turn is read together, each value goes to who asked for it', async () => {
  const { cache, link, names, values, load } = await filled(10)
  expect(await Promise.all(names.map((name) => cache.getOrSet(name, load)))).toEqual(values)
  const asked = [cache.get('k3'), cache.getOrSet('k1', load), cache.getMany(['k2', 'k3'])]
  expect(await Promise.all(asked)).toEqual([values[3], values[1], [values[2], values[3]]])
  expect(readsBy(link)).toEqual([names.map(stored), ['k3', 'k1', 'k2', 'k3'].map(stored)])
  expect(load.calls).toBe(0)
})

test('one key asked for by many callers at once is one read of one key', async () => {
  const { cache, link, values, load } = await filled(1)
  const asked = Array.from({ length: 64 }, () => cache.getOrSet('k0', load))
  expect(new Set(await Promise.all(asked))).toEqual(new Set(values))
  expect(readsBy(link)).toEqual([[stored('k0')]])
})

test('64 callers share a read; what one call asks for is never divided', async () => {
  const { cache, link, names, values, load } = await filled(150)
  expect(await Promise.all(names.map((name) => cache.get(name)))).toEqual(values)
  expect(readsBy(link).map((keys) => keys.length)).toEqual([64, 64, 22])
  expect(await cache.getMany(names)).toEqual(values)
  const outcomes = await cache.getOrSetMany(names, load as never)
  expect(outcomes.map((outcome) => 'value' in outcome && outcome.value)).toEqual(values)
  expect(readsBy(link)).toEqual([names.map(stored), names.map(stored)])
})

test('nobody waits for a neighbour that takes long to decode', async () => {
  const slow: Compressor = {
    id: 99,
    compress: (data) => data.subarray(0, data.length / 2),
    decompress: () => new Promise(() => {}),
  }
  const { cache, link, values } = await filled(1, { compressor: slow })
  await cache.set('slow', 'x'.repeat(5000))
  readsBy(link)
  void cache.get('slow')
  expect(await cache.get('k0')).toBe(values[0])
  expect(readsBy(link)).toEqual([[stored('slow'), stored('k0')]])
})

test('a read that fails is told of each of its keys, and each is loaded for itself', async () => {
  const { cache, link, events, load } = await filled(2)
  events.length = 0
  link.once('read', { reject: new Error('down') })
  const asked = ['k0', 'k1'].map((name) => cache.getOrSet(name, load))
  expect(await Promise.all(asked)).toEqual(['loaded', 'loaded'])
  expect(events.flatMap((event) => (event.type === 'store-error' ? event.key : []))).toEqual(
    ['k0', 'k1'].map(stored),
  )
})
