import type { Listener } from './listener.ts'

/** Other processes: one listens on a sharded channel, as in Redis Cluster. */
export const OTHERS = ['other', 'shard{1}']

/** A grant or a theft, as it was told. */
export type Pushed = Record<string, unknown>

/** Everything that is pushed to other processes, by key. */
export class PushLog {
  readonly #pushed = new Map<string, Pushed[]>()

  static async open(listener: Listener): Promise<PushLog> {
    const log = new PushLog()
    for (const channel of OTHERS) {
      await listener.hear(channel, (_, message) => log.add(channel, message))
      // Of thefts the whole cluster hears.
      const plain = channel.replace(/\{.*/, '')
      if (plain !== channel) await listener.hear(plain, (_, message) => log.add(channel, message))
    }
    return log
  }

  add(subscriber: string, message: string): void {
    const [token = '', ...facts] = message.split(' ')
    if (token === '!') {
      const [loser, fence, key] = facts
      this.tell(String(key), { token: loser, subscriber, thiefFence: Number(fence) })
      return
    }
    const [fence, remainingMs, enqueuedAtMs, grantedAtMs] = facts.map(Number)
    const grant = { token, subscriber, fence, remainingMs, enqueuedAtMs, grantedAtMs }
    this.tell(String(facts[4]), grant)
  }

  tell(key: string, pushed: Pushed): void {
    this.#pushed.set(key, [...(this.#pushed.get(key) ?? []), pushed])
  }

  take(key: string): Pushed[] {
    const pushed = this.#pushed.get(key) ?? []
    this.#pushed.delete(key)
    return sorted(pushed)
  }
}

/** Two connections have no order between them. */
export const sorted = (pushed: readonly Pushed[]) =>
  [...pushed].sort((one, other) => (String(one.token) < String(other.token) ? -1 : 1))
