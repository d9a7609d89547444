import type { LoadSignal, SignalListener } from '@locks/core'
import { PushLine } from '../push/push-line.ts'
import { SimStore } from './sim-store.ts'

/** A cache store that pushes what becomes of loads. */
export class SignalSimStore extends SimStore {
  onSignal(prefix: string, listener: SignalListener) {
    const { client, observer } = this.context
    const line = new PushLine<{ readonly key: string; readonly signal: LoadSignal }>(
      client,
      {
        hear({ key, signal }) {
          const about = 'token' in signal ? signal.token : key
          client.world.trace.add(client.world.nowMs, client.id, 'hears', signal.type, about)
          listener.signal(key, signal)
        },
        disconnected() {
          observer.disconnected?.(client)
          listener.disconnected()
        },
        reconnected: () => listener.reconnected(),
      },
      this.context.pushes,
    )
    this.server.signalLines.set(line, prefix)
    return line
  }
}
