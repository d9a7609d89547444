import { describe, expect, test } from '@jest/globals'
import type { Command } from './helpers/store-link.ts'
import { failureOf, stored, type TestProcess, World } from './helpers/world.ts'

describe('a command that the store refuses as late', () => {
  /** The store's clock jumps ahead, so that whatever comes looks late once. */
  async function afterJump(): Promise<{ world: World; process: TestProcess }> {
    const world = new World()
    const process = world.start()
    await process.cache.set('another', 'v')
    world.store.jump(3_600_000)
    return { world, process }
  }

  test.each<[string, (process: TestProcess) => Promise<unknown>, Command]>([
    ['set', ({ cache }) => cache.set('k', 'v'), 'write'],
    ['getOrSet', ({ cache }) => cache.getOrSet('k', () => 'v'), 'lease'],
  ])('%s: is sent once more, with the time it has learnt', async (_, call, command) => {
    const { world, process } = await afterJump()
    const before = process.link.count(command)
    await call(process)
    expect(process.link.count(command) - before).toBe(2)
    expect(world.store.entry(stored('k'))).toBeDefined()
  })

  test('twice in a row is an error to set and no election to getOrSet', async () => {
    const { world, process } = await afterJump()
    process.link.always((sent) => {
      if (sent === 'write' || sent === 'lease') world.store.jump(3_600_000)
      return undefined
    })
    expect(await failureOf(process.cache.set('k', 'v'))).toMatchObject({
      code: 'STORE_UNAVAILABLE',
    })
    expect(await process.cache.getOrSet('k', () => 'v')).toBe('v')
    expect(world.store.entry(stored('k'))).toBeUndefined()
  })
})

test('a set that was given up for lost does not overwrite a newer value later', async () => {
  const world = new World()
  const [late, other] = [world.start(), world.start()]
  await late.cache.set('another', 'v')
  late.link.once('write', { requestMs: 1000 })
  const failure = world.clock.until(failureOf(late.cache.set('k', 'old')))
  expect(await failure).toMatchObject({ code: 'STORE_UNAVAILABLE' })
  await other.cache.set('k', 'new')
  await world.clock.advance(2000)
  expect(await other.cache.get('k')).toBe('new')
})
