import type { AcquireReply, StealRequest } from '../../../src/index.ts'
import type { LeaseHolder } from '../../../src/spec/index.ts'
import type { StepLeaseStore } from '../step-store.ts'

/** Some of the deposed stay, beside the thief. */
export async function keepingHolders(
  store: StepLeaseStore,
  request: StealRequest,
  which: (holders: [string, LeaseHolder][]) => [string, LeaseHolder][],
): Promise<AcquireReply> {
  const { holders } = store.stateOf(request.key)
  const kept = which([...holders])
  const reply = await store.steal(request)
  for (const [token, holder] of kept) holders.set(token, holder)
  return reply
}
