import { majorityOf, poll } from './poll.ts'

/** What the nodes of a quorum have answered to one command when it was decided. */
export interface Ballot<Reply> {
  /** How many nodes there are. */
  readonly nodes: number
  readonly majority: number
  /** A majority has said yes; else so many have said no that none can. */
  readonly isElected: boolean
  readonly yes: readonly Reply[]
  readonly no: readonly Reply[]
}

/** Counts the answers of all nodes to a command. @throws as `poll`. */
export function countVotes<Reply>(
  votes: readonly Promise<Reply>[],
  isYes: (reply: Reply) => boolean,
): Promise<Ballot<Reply>> {
  const nodes = votes.length
  const majority = majorityOf(nodes)
  return poll(votes, (replies, open) => {
    const yes = replies.filter(isYes)
    const no = replies.filter((reply) => !isYes(reply))
    const isElected = yes.length >= majority
    if (isElected || no.length > nodes - majority) return { nodes, majority, isElected, yes, no }
    const isOpen = yes.length + open >= majority || no.length + open > nodes - majority
    return isOpen ? undefined : 'never'
  })
}
