import { StoreUnavailableError } from '../errors.ts'

/** Each round that ends without a result means that somebody else changed the key during it. */
const ROUNDS_MAX = 100

/**
 * Runs `round` until it gives a result: how a step is made of a read and a comparing write.
 * @throws StoreUnavailableError when the key does not come to rest, or the store says so of it.
 */
export async function untilSettled<Result>(
  round: () => Promise<Result | undefined>,
): Promise<Result> {
  for (let rounds = 0; rounds < ROUNDS_MAX; rounds++) {
    const result = await round()
    if (result !== undefined) return result
  }
  throw new StoreUnavailableError(`the store refused ${ROUNDS_MAX} comparisons in a row`)
}
