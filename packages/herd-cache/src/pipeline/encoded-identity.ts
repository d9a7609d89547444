import { encodeName, storeKey } from '@locks/core/parts'
import type { IdentityGenerator } from './identity-generator.ts'

/** The default: readable, injective, bounded in length, one cluster slot for all keys of one name. */
export const encodedIdentity: IdentityGenerator = {
  identify: (namespace, name) => storeKey(namespace, 'c', encodeName(name)),
}
