import { expect, test } from '@jest/globals'
import type { RedisClient, RedisReplyOptions } from '../src/redis-client.ts'
import { ScriptRunner } from '../src/script-runner.ts'

const script = { name: 'any', keys: 1, sha1: 'hash', source: 'text' }
const turn = () => new Promise((resolve) => process.nextTick(resolve))

/** A client that answers when it is told to: what each command was sent with. */
function slowClient() {
  const sent: (number | undefined)[] = []
  const answers: (() => void)[] = []
  const sendCommand = (_command: unknown, options?: RedisReplyOptions) => {
    sent.push(options?.timeout)
    return new Promise<unknown>((resolve) => answers.push(() => resolve(null)))
  }
  return { sendCommand, sent, answers }
}

test('of more than ten thousand unanswered commands the client may give up those it cannot send', async () => {
  const client = slowClient()
  const runner = new ScriptRunner(client)
  const read = () => runner.read('GET', ['a'])
  const replies = Array.from({ length: 10_000 }, read)
  expect(new Set(client.sent)).toEqual(new Set([0]))
  replies.push(...Array.from({ length: 5 }, read))
  replies.push(runner.run(script, ['a'], []))
  replies.push(runner.run(script, ['a'], [], { patient: true }))
  await turn()
  expect(client.sent.slice(10_000)).toEqual([...new Array(6).fill(undefined), 0])
  for (const answer of client.answers) answer()
  await Promise.all(replies)
  void read()
  expect(client.sent.at(-1)).toBe(0)
})

test('of a pool they are counted over all its connections', async () => {
  const client = slowClient()
  const runner = new ScriptRunner({ ...client, execute: (task) => task(client) })
  for (let i = 0; i <= 10_000; i++) {
    void runner.read('GET', ['a'])
    await turn()
  }
  expect(client.sent.slice(-2)).toEqual([0, undefined])
})

test('what is put around sendCommand sees every command', async () => {
  const inner: RedisClient = {
    sendCommand: () => Promise.resolve('past it'),
    withCommandOptions: () => inner,
  }
  const seen: unknown[] = []
  const sendCommand = async (command: unknown) => {
    seen.push(command)
    return 'seen'
  }
  expect(await new ScriptRunner({ ...inner, sendCommand }).read('GET', ['a'])).toBe('seen')
  expect(seen).toEqual([['GET', 'a']])
  expect(await new ScriptRunner(inner).read('GET', ['a'])).toBe('past it')
})
