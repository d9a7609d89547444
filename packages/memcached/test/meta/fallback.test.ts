import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { type MemcachedServer, startMemcached, textExchange } from '@locks/test-servers'
import { freshKey, openMeta } from './open-meta.ts'
import { startRelay } from './start-relay.ts'

let server: MemcachedServer
beforeAll(async () => {
  server = await startMemcached()
})
afterAll(() => server.stop())

const raw = (text: string, until: RegExp) => textExchange(server.port, text, until)
const itemCount = async (): Promise<number> => {
  const stats = await raw('stats\r\n', /END\r\n$/)
  return Number(/STAT curr_items (\d+)/.exec(stats)?.[1])
}

describe('who does not speak meta commands as memcached does is asked in text, and an event says so:', () => {
  test.each<[string, (line: string) => string | undefined]>([
    ['a server without them', (line) => line.replace(/^m[sgdn]( |$)/, 'nothing$1')],
    ['one of before 1.6.9', (line) => line.replace(/^ms (\S+) (\d+)/, 'ms $1 S$2')],
    ['one that compares no ids', (line) => line.replace(/^(m[sd] .*) C\d+/, '$1')],
    ['one that does so on deletes', (line) => line.replace(/^(md .*) C\d+/, '$1')],
    ['one that stores over what is there', (line) => line.replace(/^(ms .*) ME/, '$1 MS')],
    ['one that tells no ids', (line) => line.replace(/^(ms .*) c$/, '$1')],
  ])('%s', async (_, rewrite) => {
    await using relay = await startRelay(server.port, rewrite)
    const events: string[] = []
    await using own = openMeta(relay.address, { onEvent: ({ type }) => events.push(type) })
    const mine = { key: freshKey(), token: 'mine', ttlMs: 60_000 }
    expect((await own.store.acquire(mine)).state).toBe('granted')
    expect((await own.store.acquire({ ...mine, token: 'other' })).state).toBe('held')
    expect((await own.store.extend(mine)).state).toBe('extended')
    expect(await own.store.release({ ...mine, token: 'other' })).toEqual({ state: 'taken' })
    expect(await own.store.release(mine)).toEqual({ state: 'released' })
    await own.store.write({ key: mine.key, token: 't', data: Buffer.from('x'), ttlMs: 60_000 })
    expect(await own.store.remove([mine.key, freshKey()])).toBe(1)
    expect(events).toEqual(['fallback'])
    expect(relay.accepted).toBe(2)
  })

  test('and who compares no ids in text either is of no use', async () => {
    const blind = (line: string) =>
      line.replace(/^m[sgd] /, 'nothing ').replace(/^cas (.*) \d+$/, 'set $1')
    await using relay = await startRelay(server.port, blind)
    const events: string[] = []
    await using own = openMeta(relay.address, { onEvent: ({ type }) => events.push(type) })
    await expect(own.transport.get('k')).rejects.toMatchObject({ code: 'UNSUPPORTED' })
    expect(events).toEqual([])
  })

  test('whereas a real one is asked in meta commands, and its probe leaves nothing behind', async () => {
    const events: string[] = []
    const items = await itemCount()
    await using own = openMeta(server.address, { onEvent: ({ type }) => events.push(type) })
    await own.transport.get('k')
    expect(await itemCount()).toBe(items)
    expect(events).toEqual([])
  })
})
