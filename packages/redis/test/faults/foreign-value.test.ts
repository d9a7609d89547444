import { expect, test } from '@jest/globals'
import { codeOf, FaultWorld, keyOf } from './fault-world.ts'

const world = new FaultWorld()
const key = keyOf('job')

test.each([
  ['a string', key, ['SET', key, 'theirs']],
  ['a list', key, ['RPUSH', key, 'theirs', 'too']],
  ['a hash of something else', key, ['HSET', key, 'field', 'theirs']],
  ['a number', key, ['SET', key, 5]],
  ['a queue that is none', `${key}:q`, ['SET', `${key}:q`, 'theirs']],
])('%s under our key is a conflict, and stays as it is', async (_, at, command) => {
  const locks = await world.locks()
  await world.direct.call(...command)
  const before = await world.direct.call('DUMP', at)
  expect(await codeOf(locks.acquire('job'))).toBe('CONFLICT')
  expect(await codeOf(locks.tryAcquire('job'))).toBe('CONFLICT')
  expect(await codeOf(locks.request('job', () => 'never runs'))).toBe('CONFLICT')
  expect(await world.direct.call('DUMP', at)).toBe(before)
  expect(await world.direct.call('PTTL', at)).toBe(-1)
})

test('a lock whose key was overwritten is not freed, and what is there stays', async () => {
  // That long its close looks for an answer.
  const locks = await world.locks({ ttl: '10m', storeTimeout: '5s' })
  const lock = await locks.acquire('job')
  await world.direct.call('SET', key, 'theirs')
  expect(await codeOf(lock.extend())).toBe('CONFLICT')
  expect(await codeOf(lock.release())).toBe('CONFLICT')
  expect(lock.held).toBe(false)
  await locks.close()
  expect(await world.direct.call('GET', key)).toBe('theirs')
})
