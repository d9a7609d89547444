import { isUint8Array } from 'node:util/types'
import { InvalidArgumentError } from '@locks/core'

/** @throws InvalidArgumentError unless `secret` is 32 bytes. */
export function checkSecret(secret: Uint8Array, what: string): Uint8Array {
  if (isUint8Array(secret) && secret.length === 32) return secret
  throw new InvalidArgumentError(`${what} must be 32 bytes`)
}
