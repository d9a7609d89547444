import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { type RedisServer, startRedis } from '@locks/test-servers'
import { createClient } from 'redis'
import { Service } from './helpers/service.ts'

let redis: RedisServer
let services: Service[] = []

beforeEach(async () => {
  redis = await startRedis()
  services = await Service.startMany(3, redis.url)
})

afterEach(async () => {
  await Promise.all(services.map((service) => service[Symbol.asyncDispose]()))
  await redis.stop()
})

const write = async (row: string) => {
  const database = createClient({ url: redis.url })
  await database.connect()
  await database.set('db:k', row)
  database.destroy()
}

const ask = { do: 'getOrSet', key: 'k', callers: 50 } as const
const got = (value: string) => ({ done: 'getOrSet', result: [value] })
const waiting = { waiting: expect.stringContaining('{k}') }

test('a delete detaches those who joined the load, in every process', async () => {
  const [loader, joiner, deleter] = services as [Service, Service, Service]
  await write('old')
  loader.tell(ask)
  expect(await loader.hear()).toEqual({ loading: 'k' })
  joiner.tell(ask)
  expect(await joiner.hear()).toEqual(waiting)
  await write('new')
  expect(await deleter.ask({ do: 'delete', key: 'k' })).toBe(false)
  // The joiner was told of it, and loads by itself though the old load goes on.
  expect(await joiner.hear()).toEqual({ loading: 'k' })
  // A round trip, behind which the loader has heard the signal, too: who asks it now joins the new load.
  expect(await loader.ask({ do: 'get', key: 'k' })).toBe('nothing')
  loader.tell(ask)
  expect(await loader.hear()).toEqual(waiting)
  deleter.tell(ask)
  expect(await deleter.hear()).toEqual(waiting)

  loader.tell({ do: 'finish', key: 'k' })
  const first = [await loader.hear(), await loader.hear()]
  expect(first).toEqual(expect.arrayContaining([got('old'), { done: 'finish' }]))
  joiner.tell({ do: 'finish', key: 'k' })
  const joined = [await joiner.hear(), await joiner.hear()]
  expect(joined).toEqual(expect.arrayContaining([got('new'), { done: 'finish' }]))
  expect(await loader.hear()).toEqual(got('new'))
  expect(await deleter.hear()).toEqual(got('new'))
  for (const { program } of services) expect(program.stderr).toBe('')
})
