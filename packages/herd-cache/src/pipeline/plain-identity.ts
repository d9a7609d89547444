import { InvalidArgumentError } from '@locks/core'
import type { IdentityGenerator } from './identity-generator.ts'

/** The name as it is, so that other programs find the entry; the namespace has no part in it. */
export const plainIdentity: IdentityGenerator = {
  identify(_, name) {
    if (typeof name !== 'string') throw new InvalidArgumentError('a plain key must be a string')
    // The stores keep the lease of a load beside its entry, under such a key.
    if (/:[a-z]$/.test(name))
      throw new InvalidArgumentError('a plain key must not end with a colon and one letter')
    return name
  },
}
