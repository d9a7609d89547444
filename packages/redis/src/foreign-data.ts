import { ConflictError } from '@locks/core'

/** The error for data that no script of ours can have put there. Its text says nothing of the data. */
export function foreignData(key: string | undefined): ConflictError {
  return new ConflictError(`the key ${key} holds data that is not ours`)
}
