import { expect, jest, test } from '@jest/globals'
import type { RedisClient } from '../src/index.ts'
import type { Script } from '../src/script.ts'
import { ScriptRunner } from '../src/script-runner.ts'

const script: Script = { name: 'read', keys: 1, sha1: 'hash', source: 'text' }
const each: Script = { ...script, sha1: 'each hash', source: 'each text' }

/** Writes once per turn of the event loop, as npm redis does; what is written together is answered together. */
class WritingClient implements RedisClient {
  readonly written: string[][] = []
  #unwritten: { readonly command: string; answer(reply: unknown): void }[] = []

  sendCommand(args: (string | Buffer)[]): Promise<unknown> {
    return new Promise((answer) => {
      if (this.#unwritten.length === 0) setImmediate(() => this.#write())
      this.#unwritten.push({ command: args.join(' '), answer })
    })
  }

  #write(): void {
    const commands = this.#unwritten
    this.#unwritten = []
    this.written.push(commands.map(({ command }) => command))
    for (const { command, answer } of commands) {
      const count = Number(/^EVALSHA each hash (\d+)/.exec(command)?.[1])
      answer([Array.from({ length: count }, () => 'done').join('\n')])
    }
  }
}

test('groups that are answered together are not followed by groups that go out together', async () => {
  const client = new WritingClient()
  const runner = new ScriptRunner(client)
  const followed: number[] = []
  const callers = Array.from({ length: 96 }, async (_, caller) => {
    const run = () => runner.run(script, [`a${caller}`], [], { each })
    await run()
    await run()
    followed.push(caller)
    await run()
  })
  await Promise.all(callers)
  expect(client.written.map((commands) => commands.length)).toEqual([3, 1, 1, 1, 1, 1, 1])
  // Each in its turn.
  expect(followed).toEqual(Array.from(callers, (_, caller) => caller))
})

test('what is answered behind groups is not told before them', async () => {
  const runner = new ScriptRunner(new WritingClient())
  const told: string[] = []
  const groups = Array.from({ length: 96 }, async (_, i) => {
    await runner.run(script, [`a${i}`], [], { each })
    told.push('group')
    if (i > 0) return
    await runner.send(['PING'])
    told.push('behind')
  })
  await Promise.all(groups)
  expect(told.indexOf('behind')).toBe(groups.length)
})

test('whoever fakes timers holds no reply back', async () => {
  const client: RedisClient = { sendCommand: async () => ['done\ndone'] }
  const runner = new ScriptRunner(client)
  jest.useFakeTimers({ doNotFake: ['nextTick'] })
  try {
    for (const _ of [1, 2, 3]) {
      const runs = ['a', 'b'].map((key) => runner.run(script, [key], [], { each }))
      expect(await Promise.all(runs)).toEqual(['done', 'done'])
    }
  } finally {
    jest.useRealTimers()
  }
})
