import { InvalidArgumentError } from '@locks/core'
import type { IdentityGenerator } from './identity-generator.ts'

/** Leaves room for the stores' suffixes within the 250 bytes that memcached allows. */
const SAFE = /^[\x21-\x7e]{1,206}$/

/** Lets no key through that a store could take for something else, whoever made it. */
export function checkedIdentity(identity: IdentityGenerator): IdentityGenerator {
  return {
    identify(namespace, name) {
      const key: unknown = identity.identify(namespace, name)
      if (typeof key === 'string' && SAFE.test(key)) return key
      throw new InvalidArgumentError('a key must be 1 to 206 ASCII characters without spaces')
    },
  }
}
