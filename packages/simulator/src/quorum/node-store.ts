import { SimStore, type StoreContext } from '../store/sim-store.ts'
import type { StoreOp } from '../store/store-observer.ts'
import type { QuorumNode } from './quorum-node.ts'

/** What a node answers that is down: nothing. */
const DOWN = { state: 'down' }

/** One node of a quorum as one client reaches it. */
export class NodeStore extends SimStore {
  readonly #node: QuorumNode

  constructor(context: StoreContext, node: QuorumNode) {
    super(context)
    this.#node = node
  }

  protected override async send<Reply>(
    op: StoreOp,
    request: { readonly key: string; readonly token?: string },
    guardable: boolean,
    run: () => Reply,
  ): Promise<Reply> {
    const runOrNot = () => (this.#node.isDown ? (DOWN as Reply) : run())
    const reply = await super.send(op, request, guardable, runOrNot)
    if (reply !== DOWN) return reply
    const { client, storeTimeoutMs } = this.context
    client.trouble(client.world.nowMs + storeTimeoutMs)
    throw new Error('connect ECONNREFUSED')
  }
}
