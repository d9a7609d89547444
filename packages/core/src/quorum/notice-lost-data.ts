interface Vote {
  readonly state: string
  readonly hasForgotten: boolean
}

/**
 * Tells of each node that does not know a lease which it must hold, once another node has extended it: then
 * the lease was not simply ended by somebody, and the node has lost its data, leases of others included.
 */
export function noticeLostData(
  votes: readonly Promise<Vote>[],
  onLoss: (index: number) => void,
): void {
  const forgetful: number[] = []
  let isKnown = false
  votes.forEach((vote, index) => {
    const notice = ({ state, hasForgotten }: Vote) => {
      isKnown ||= state === 'extended'
      if (hasForgotten) forgetful.push(index)
      if (isKnown) for (const lossy of forgetful.splice(0)) onLoss(lossy)
    }
    vote.then(notice, () => {})
  })
}
