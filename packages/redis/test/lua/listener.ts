import { RespConnection } from '@locks/test-servers'
import { createClient } from 'redis'
import type { RedisSubscriber } from '../../src/index.ts'

const openClient = (url: string) => createClient({ url })
type Hear = (channel: string, message: string) => void

/**
 * A connection that listens, and one that tells when everything sent before has been heard: nothing is on
 * its way any more when a message that was sent later is here.
 */
export class Listener {
  readonly subscriber: RedisSubscriber
  readonly #client: ReturnType<typeof openClient>
  readonly #direct: RespConnection
  readonly #awaited = new Map<string, () => void>()
  #count = 0

  private constructor(client: ReturnType<typeof openClient>, direct: RespConnection) {
    this.#client = client
    this.#direct = direct
    this.subscriber = client
  }

  static async open({ url, port }: { url: string; port: number }): Promise<Listener> {
    const client = openClient(url)
    // Each store adds its own.
    client.on('error', () => {}).setMaxListeners(0)
    await client.connect()
    return new Listener(client, await RespConnection.open(port))
  }

  async hear(channel: string, hear: Hear): Promise<void> {
    const listener = (message: string) => {
      if (!this.heardMark(message.split(' ', 1)[0] ?? '')) hear(channel, message)
    }
    if (channel.includes('{')) await this.#client.sSubscribe(channel, listener)
    else await this.#client.subscribe(channel, listener)
  }

  /** A command beside the store. */
  call(...words: readonly (string | number)[]): Promise<unknown> {
    return this.#direct.call(...words)
  }

  /** `mark` makes a message of the channel out of a word that is sent with it. */
  async silence(channels: readonly string[], mark = (word: string) => word): Promise<void> {
    await Promise.all(
      channels.map((channel) => {
        const word = `mark${this.#count++}`
        const heard = new Promise<void>((resolve) => this.#awaited.set(word, resolve))
        const publish = channel.includes('{') ? 'SPUBLISH' : 'PUBLISH'
        return Promise.all([this.#direct.call(publish, channel, mark(word)), heard])
      }),
    )
  }

  /** Whether `text` is the word of a mark; who waits for it goes on. */
  heardMark(text: string): boolean {
    const resolve = this.#awaited.get(text)
    this.#awaited.delete(text)
    resolve?.()
    return resolve !== undefined
  }

  close(): void {
    this.#direct.close()
    this.#client.destroy()
  }
}
