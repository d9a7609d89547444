import { LockLostError } from '../errors.ts'

/** Why a handle that its caller has released is not held. */
export const wasReleased = (name: string): LockLostError =>
  new LockLostError(`lock ${name} was released by its holder`, 'released')
