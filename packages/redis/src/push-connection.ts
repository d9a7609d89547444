import type { PushConnection } from './push.ts'
import type { RedisClient, RedisSubscriber } from './redis-client.ts'

/**
 * A connection of our own, beside the caller's: a client that listens can do nothing else in RESP2.
 * Its errors are its own affair, it reconnects by itself, and it does not keep the process alive.
 */
export function duplicateConnection(
  duplicate: NonNullable<RedisClient['duplicate']>,
): PushConnection {
  const own = duplicate()
  own.on('error', () => {})
  const connected = Promise.resolve(own.connect()).then(() => own.unref?.())
  return {
    subscriber: own,
    connected,
    // Named `disconnect` in npm redis 4. Either one throws when there is no connection yet.
    close: async () => (own.destroy ?? own.disconnect)?.call(own),
  }
}

/** The caller's connection: used, never closed. */
export function givenConnection(subscriber: RedisSubscriber): PushConnection {
  return { subscriber, connected: Promise.resolve() }
}
