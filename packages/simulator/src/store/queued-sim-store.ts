import type { GrantListener, PushedGrant, PushedLoss, ReleaseRequest } from '@locks/core'
import { PushLine } from '../push/push-line.ts'
import { SimStore } from './sim-store.ts'

/** A store of level 2: it queues waiters, and pushes what it grants to them. */
export class QueuedSimStore extends SimStore {
  leave(request: ReleaseRequest) {
    const { lease } = this.server.steps
    return this.send('leave', request, false, () =>
      this.server.runLease(request.key, (state, env) => lease.leave(state, request, env)),
    )
  }

  onGrant(subscriber: string, listener: GrantListener) {
    const { client, observer } = this.context
    const line = new PushLine<PushedGrant | PushedLoss>(
      client,
      {
        hear(push) {
          client.world.trace.add(client.world.nowMs, client.id, 'hears', push.key, push.token)
          if ('fence' in push) {
            observer.heard?.(push.token)
            listener.granted(push)
          } else {
            observer.deposed?.(push.token, push.thiefFence)
            listener.stolen(push)
          }
        },
        disconnected: () => listener.disconnected(),
        reconnected() {
          client.reconnects++
          observer.reconnected?.(client)
          listener.reconnected()
        },
      },
      this.context.pushes,
    )
    this.server.lines.set(subscriber, line)
    return line
  }
}
