import { type LocksError, StoreUnavailableError, toLocksError } from '../errors.ts'

/** More than half of all nodes, so that any two majorities share one. */
export const majorityOf = (nodes: number): number => Math.floor(nodes / 2) + 1

/**
 * Collects the answers of all nodes until `judge` can tell the outcome: no answer to come would change
 * it. It is asked after each answer with those that have come and how many are `open`, and says
 * 'never' when no answer can tell any more.
 * @throws StoreUnavailableError when too few nodes answer to tell; its `cause` is an AggregateError with
 *   one error for each node that did not.
 */
export function poll<Reply, Outcome>(
  votes: readonly Promise<Reply>[],
  judge: (replies: readonly Reply[], open: number) => Outcome | 'never' | undefined,
): Promise<Outcome> {
  const replies: Reply[] = []
  const failures: LocksError[] = []
  return new Promise((resolve, reject) => {
    const settle = () => {
      const open = votes.length - replies.length - failures.length
      const outcome = judge(replies, open)
      if (outcome === 'never' || (outcome === undefined && open === 0)) {
        reject(unavailable(votes.length, failures))
      } else if (outcome !== undefined) resolve(outcome)
    }
    votes.forEach((vote, index) => {
      vote.then(
        (reply) => {
          replies.push(reply)
          settle()
        },
        (error: unknown) => {
          const { message } = toLocksError(error)
          failures.push(new StoreUnavailableError(`node ${index + 1}: ${message}`))
          settle()
        },
      )
    })
  })
}

function unavailable(nodes: number, failures: readonly LocksError[]): StoreUnavailableError {
  const reasons = failures.map(({ message }) => message).join('; ')
  return new StoreUnavailableError(`no majority of ${nodes} nodes: ${reasons}`, {
    cause: new AggregateError(failures),
  })
}
