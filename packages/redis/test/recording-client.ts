import type { RedisClient } from '../src/index.ts'

/** A client without a server: what was sent, and a reply of the test's choice. */
export class RecordingClient implements RedisClient {
  readonly sent: string[] = []
  answer: (command: string) => unknown = (command) => `reply to ${command}`

  sendCommand(args: (string | Buffer)[]): Promise<unknown> {
    const command = args.join(' ')
    this.sent.push(command)
    const reply = this.answer(command)
    return reply instanceof Error ? Promise.reject(reply) : Promise.resolve(reply)
  }
}
