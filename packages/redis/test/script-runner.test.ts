import { beforeEach, describe, expect, test } from '@jest/globals'
import type { RedisClient } from '../src/index.ts'
import type { Script } from '../src/script.ts'
import { ScriptRunner } from '../src/script-runner.ts'
import { RecordingClient } from './recording-client.ts'

const script: Script = { name: 'read', keys: 1, sha1: 'hash', source: 'text' }
const otherScript: Script = { ...script, sha1: 'other hash', source: 'other text' }

let client: RecordingClient
let runner: ScriptRunner
beforeEach(() => {
  client = new RecordingClient()
  runner = new ScriptRunner(client)
})

const turn = () => new Promise((resolve) => process.nextTick(resolve))
const never = () => new Promise(() => {})

describe('one turn', () => {
  test('is sent together, at its end', async () => {
    client.answer = never
    void runner.run(script, ['a'], ['1'])
    await Promise.resolve()
    void runner.read('GET', ['b'])
    expect(client.sent).toEqual([])
    await turn()
    expect(client.sent).toEqual(['EVALSHA hash 1 a 1', 'GET b'])
    void runner.read('GET', ['c'])
    await turn()
    expect(client.sent).toHaveLength(3)
  })

  test('that begins with a read sends it at once', async () => {
    client.answer = never
    void runner.read('GET', ['a'])
    void runner.run(script, ['a'], ['1'])
    void runner.read('GET', ['a'])
    expect(client.sent).toEqual(['GET a'])
    await turn()
    expect(client.sent).toEqual(['GET a', 'EVAL text 1 a 1', 'GET a'])
  })

  test('sends urgent commands first, the others in their order', async () => {
    client.answer = never
    void runner.run(script, ['a'], ['slow'])
    void runner.read('MGET', ['b', 'c'])
    void runner.run(script, ['d'], ['first'], { urgent: true })
    void runner.run(script, ['e'], ['slow'])
    void runner.run(script, ['f'], ['second'], { urgent: true })
    await turn()
    expect(client.sent).toEqual([
      'EVALSHA hash 1 d first',
      'EVALSHA hash 1 f second',
      'EVALSHA hash 1 a slow',
      'MGET b c',
      'EVALSHA hash 1 e slow',
    ])
  })

  test('keeps the order of commands that share a key', async () => {
    client.answer = never
    void runner.run(script, ['a', 'b'], ['1'])
    void runner.run(script, ['b'], ['2'], { urgent: true })
    void runner.run(script, ['b'], ['3'])
    void runner.run(script, ['c'], ['4'], { urgent: true })
    void runner.run(script, ['c'], ['5'])
    await turn()
    expect(client.sent.map((command) => command.slice(-1)).join('')).toBe('41235')
  })

  test('gives each command its own reply or error', async () => {
    let answer: (reply: string) => void = () => {}
    client.answer = (command) => {
      if (command.includes('bad')) return new Error('no luck')
      return command.includes('slow') ? new Promise((resolve) => (answer = resolve)) : command
    }
    const slow = runner.run(script, ['slow'], [])
    await expect(runner.run(script, ['bad'], [])).rejects.toThrow('no luck')
    expect(await runner.read('GET', ['good'])).toBe('GET good')
    await turn()
    answer('late, but well')
    expect(await slow).toBe('late, but well')
  })

  test('survives a client that throws', async () => {
    client.answer = (command) => {
      if (command === 'GET bad') throw new TypeError('not a command')
      return command
    }
    const [bad, good] = await Promise.allSettled([
      runner.read('GET', ['bad']),
      runner.read('GET', ['good']),
    ])
    expect(bad).toMatchObject({ status: 'rejected', reason: new TypeError('not a command') })
    expect(good).toEqual({ status: 'fulfilled', value: 'GET good' })
  })
})

describe('a script that the server does not have', () => {
  test('is sent again with its text', async () => {
    client.answer = (command) =>
      command.startsWith('EVALSHA') ? new Error('NOSCRIPT No matching script.') : 'done'
    expect(await runner.run(script, ['a'], ['1'])).toBe('done')
    expect(client.sent).toEqual(['EVALSHA hash 1 a 1', 'EVAL text 1 a 1'])
  })

  test('costs no text where only runs of itself are behind it', async () => {
    client.answer = never
    for (const n of ['1', '2', '3']) void runner.run(script, ['a'], [n])
    void runner.run(otherScript, ['b'], ['4'])
    await turn()
    expect(client.sent).toEqual([
      'EVALSHA hash 1 a 1',
      'EVALSHA hash 1 a 2',
      'EVALSHA hash 1 a 3',
      'EVALSHA other hash 1 b 4',
    ])
  })

  test('keeps the order of its runs when all are sent again', async () => {
    client.answer = (command) =>
      command.startsWith('EVALSHA') ? new Error('NOSCRIPT No matching script.') : command
    const runs = ['1', '2', '3'].map((n) => runner.run(script, ['a'], [n]))
    expect(await Promise.all(runs)).toEqual(client.sent.slice(3))
    expect(client.sent.slice(3)).toEqual(['EVAL text 1 a 1', 'EVAL text 1 a 2', 'EVAL text 1 a 3'])
  })

  test('goes out as text where another script comes later, behind runs of itself', async () => {
    client.answer = never
    void runner.run(script, ['a'], ['1'])
    void runner.run(script, ['a', 'b'], ['2'])
    void runner.run(otherScript, ['a'], ['3'])
    void runner.run(script, ['a'], ['4'])
    await turn()
    expect(client.sent).toEqual([
      'EVAL text 1 a 1',
      'EVAL text 2 a b 2',
      'EVAL other text 1 a 3',
      'EVALSHA hash 1 a 4',
    ])
  })

  test('is not overtaken: with others behind it on its key, its text goes out at once', async () => {
    client.answer = never
    void runner.run(script, ['a'], ['1'])
    void runner.run(otherScript, ['b'], ['2'])
    void runner.run(otherScript, ['a'], ['3'])
    void runner.read('GET', ['b'])
    await turn()
    expect(client.sent).toEqual([
      'EVAL text 1 a 1',
      'EVAL other text 1 b 2',
      'EVALSHA other hash 1 a 3',
      'GET b',
    ])
  })

  test('is not confused with any other error', async () => {
    const error = new Error('LOADING server, NOSCRIPT later')
    client.answer = () => error
    await expect(runner.run(script, ['a'], [])).rejects.toBe(error)
    expect(client.sent).toHaveLength(1)
  })
})

test.each([
  'WRONGTYPE Operation against a key holding the wrong kind of value',
  'ERR Error running script (call to f_1): @user_script:1: WRONGTYPE Operation against a key',
])('data of another type is a conflict: %s', async (message) => {
  client.answer = () => new Error(message)
  await expect(runner.run(script, ['locks:l1:{a}'], [])).rejects.toMatchObject({
    code: 'CONFLICT',
    message: 'the key locks:l1:{a} holds data that is not ours',
  })
})

describe('a pool', () => {
  test('lends one connection for a turn, until all is answered', async () => {
    let lent = 0
    let returned = 0
    const pool: RedisClient = {
      sendCommand: () => Promise.reject(new Error('over any connection')),
      async execute(task) {
        lent++
        await task(client)
        returned++
      },
    }
    let answer: (reply: string) => void = () => {}
    client.answer = (command) =>
      command.endsWith('a') ? new Promise((resolve) => (answer = resolve)) : command
    const pooled = new ScriptRunner(pool)
    const slow = pooled.run(script, ['a'], [])
    expect(await pooled.run(otherScript, ['b'], [])).toBe('EVALSHA other hash 1 b')
    expect([lent, returned]).toEqual([1, 0])
    answer('done')
    expect(await slow).toBe('done')
    await turn()
    expect([lent, returned]).toEqual([1, 1])
  })

  test('without a connection to lend rejects each command', async () => {
    const error = new Error('Timeout waiting for a client')
    const pool: RedisClient = {
      sendCommand: never,
      execute: () => Promise.reject(error),
    }
    const pooled = new ScriptRunner(pool)
    const replies = await Promise.allSettled([pooled.read('GET', ['a']), pooled.read('GET', ['b'])])
    expect(replies.map((reply) => reply.status === 'rejected' && reply.reason)).toEqual([
      error,
      error,
    ])
  })
})
