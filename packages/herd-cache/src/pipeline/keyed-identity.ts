import { createHmac, createSecretKey } from 'node:crypto'
import { storeKey } from '@locks/core/parts'
import { checkSecret } from './check-secret.ts'
import { encodedIdentity } from './encoded-identity.ts'
import type { IdentityGenerator } from './identity-generator.ts'

/**
 * Keys that tell nothing but the namespace: the HMAC-SHA-256 of the name.
 * @param secret 32 bytes. With another secret every entry is another one.
 * @throws InvalidArgumentError for a secret of another size.
 */
export function keyedIdentity(secret: Uint8Array): IdentityGenerator {
  const key = createSecretKey(checkSecret(secret, 'the secret of names'))
  return {
    identify(namespace, name) {
      const readable = encodedIdentity.identify(namespace, name)
      const digest = createHmac('sha256', key).update(readable).digest('base64url')
      // No encoded name begins with `#`.
      return storeKey(namespace, 'c', `#${digest}`)
    },
  }
}
