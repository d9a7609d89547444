import { beforeEach, describe, expect, test } from '@jest/globals'
import type { Script } from '../src/script.ts'
import { ScriptRunner } from '../src/script-runner.ts'
import { RecordingClient } from './recording-client.ts'

const script: Script = { name: 'read', keys: 1, sha1: 'hash', source: 'text' }
const each: Script = { ...script, sha1: 'each hash', source: 'each text' }
const otherScript: Script = { ...script, sha1: 'other hash', source: 'other text' }

let client: RecordingClient
let runner: ScriptRunner
beforeEach(() => {
  client = new RecordingClient()
  runner = new ScriptRunner(client)
})

const turn = () => new Promise((resolve) => process.nextTick(resolve))
const never = () => new Promise(() => {})

describe('runs of one script in one turn', () => {
  const runAll = (keys: readonly string[]) => {
    return keys.map((key) => runner.run(script, [key], [key.toUpperCase(), 'same'], { each }))
  }

  test('go out as one, what is the same for all once, and each has its own reply', async () => {
    client.answer = () => ['granted 1\n\nheld 2', ['!', 'WRONGTYPE']]
    const [a, b, c] = await Promise.allSettled(runAll(['a', 'b', 'c']))
    expect(client.sent).toEqual(['EVALSHA each hash 3 a b c 2 A same 1 1 B C'])
    expect(a).toMatchObject({ value: 'granted 1' })
    expect(b).toMatchObject({ reason: { code: 'CONFLICT' } })
    expect(c).toMatchObject({ value: 'held 2' })
  })

  test('stay alone and in their order where they share a key with anything else', async () => {
    client.answer = never
    void runAll(['a', 'b', 'a', 'c'])
    void runner.run(otherScript, ['d'], ['1'])
    void runner.read('GET', ['c'])
    void runAll(['d', 'e'])
    await turn()
    expect(client.sent).toEqual([
      'EVALSHA hash 1 a A same',
      'EVALSHA each hash 2 b e 2 B same 1 1 E',
      'EVALSHA hash 1 a A same',
      'EVAL text 1 c C same',
      'EVAL other text 1 d 1',
      'GET c',
      'EVALSHA hash 1 d D same',
    ])
  })

  test('go out as one for one key, too, where they may, but not with another script between', async () => {
    client.answer = never
    const together = (key: string, own: string) =>
      runner.run(script, [key], [own, 'same'], { each, together: true })
    void together('a', '1')
    void together('a', '2')
    void together('b', '3')
    void together('b', '4')
    void runAll(['b'])
    void together('c', '5')
    void runner.run(otherScript, ['c'], ['6'])
    void together('c', '7')
    await turn()
    expect(client.sent).toEqual([
      'EVALSHA each hash 2 a a 2 1 same 1 1 2',
      'EVALSHA hash 1 b 3 same',
      'EVALSHA hash 1 b 4 same',
      'EVALSHA hash 1 b B same',
      'EVAL text 1 c 5 same',
      'EVAL other text 1 c 6',
      'EVALSHA hash 1 c 7 same',
    ])
  })

  test('go out as several where there are many, the urgent ones first', async () => {
    client.answer = never
    void runAll(Array.from({ length: 70 }, (_, i) => `a${i}`))
    for (const key of ['b', 'c']) void runner.run(otherScript, [key], [], { each, urgent: true })
    await turn()
    const counts = client.sent.map((command) => /^EVALSHA each hash (\d+)/.exec(command)?.[1])
    expect(counts).toEqual(['2', '32', '32', '6'])
  })

  test('are all in doubt when the reply is lost, and not sent again', async () => {
    client.answer = () => new Error('Socket closed unexpectedly')
    const runs = await Promise.allSettled(runAll(['a', 'b']))
    expect(runs.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    expect(client.sent).toHaveLength(1)
  })

  test('are sent with their text where the server does not have it', async () => {
    client.answer = (command) =>
      command.startsWith('EVALSHA') ? new Error('NOSCRIPT No matching script.') : ['ok 1\nok 2']
    expect(await Promise.all(runAll(['a', 'b']))).toEqual(['ok 1', 'ok 2'])
    expect(client.sent[1]).toBe('EVAL each text 2 a b 2 A same 1 1 B')
  })

  test('are sent one by one when all are refused for their keys, and so from then on', async () => {
    client.answer = (command) =>
      command.includes('each') ? new Error('CROSSSLOT Keys in request') : command
    const alone = ['EVALSHA hash 1 a A same', 'EVALSHA hash 1 b B same']
    expect(await Promise.all(runAll(['a', 'b']))).toEqual(alone)
    expect(await Promise.all(runAll(['a', 'b']))).toEqual(alone)
    expect(client.sent.slice(1)).toEqual([...alone, ...alone])
  })

  test('stay alone where keys are in several places', async () => {
    runner = new ScriptRunner(Object.assign(client, { oneSlot: true }))
    client.answer = never
    void runAll(['a', 'b'])
    await turn()
    expect(client.sent).toHaveLength(2)
  })
})
