import { Push } from '@locks/redis/parts'
import type { ClusterDriver, NodeConnection } from './cluster-driver.ts'

/** A channel with a hash tag is sharded: it lives in the slot of its tag. */
export const isSharded = (channel: string): boolean => channel.includes('{')

/** The connection that listens on one node: opened for its first channel, closed with the last. */
export function nodePush(
  driver: ClusterDriver,
  address: string,
  onMoved: (channel?: string) => void,
): Push {
  return new Push(() => {
    const opened = driver.open(address)
    const use = async <T>(task: (own: NodeConnection) => T) => task(await opened)
    const connected = use(async (own) => {
      own.on('error', () => {})
      own.onMoved(onMoved)
      await own.connect()
      own.unref?.()
    })
    return {
      connected,
      subscriber: {
        subscribe: (channel, listener) =>
          use((own) =>
            isSharded(channel)
              ? own.sSubscribe(channel, listener)
              : own.subscribe(channel, listener),
          ),
        unsubscribe: (channel) =>
          use((own) => (isSharded(channel) ? own.sUnsubscribe(channel) : own.unsubscribe(channel))),
        on: (event, listener) => void use((own) => own.on(event, listener)),
      },
      close: () => use((own) => own.destroy?.()),
    }
  })
}
