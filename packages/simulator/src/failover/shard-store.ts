import { QueuedSimStore } from '../store/queued-sim-store.ts'
import type { StoreContext } from '../store/sim-store.ts'
import type { StoreOp } from '../store/store-observer.ts'
import type { ReplicatedShard } from './replicated-shard.ts'

/** What is answered where no master can be reached: nothing. */
const NOWHERE = { state: 'nowhere' }

/** A shard as one client's ordinary commands reach it: they find out who the master is. */
export class ShardStore extends QueuedSimStore {
  readonly #shard: ReplicatedShard

  constructor(context: StoreContext, shard: ReplicatedShard) {
    super(context)
    this.#shard = shard
  }

  protected override get server() {
    return (this.#shard.route(this.context.client) ?? this.#shard.master).server
  }

  protected override async send<Reply>(
    op: StoreOp,
    request: { readonly key: string; readonly token?: string },
    guardable: boolean,
    run: () => Reply,
  ): Promise<Reply> {
    const { client, storeTimeoutMs } = this.context
    const runOrNot = () => (this.#shard.route(client) ? run() : (NOWHERE as Reply))
    const reply = await super.send(op, request, guardable, runOrNot)
    if (reply !== NOWHERE) return reply
    client.trouble(client.world.nowMs + storeTimeoutMs)
    throw new Error('connect ECONNREFUSED')
  }
}
