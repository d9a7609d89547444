import { InvalidArgumentError } from '@locks/core'
import { checkedIdentity } from './checked-identity.ts'
import { encodedIdentity } from './encoded-identity.ts'
import type { IdentityGenerator } from './identity-generator.ts'
import type { PipelineOptions } from './pipeline-options.ts'
import { plainIdentity } from './plain-identity.ts'

/** @throws InvalidArgumentError for an identity that is none. */
export function chooseIdentity(options: PipelineOptions): IdentityGenerator {
  const { cipher, identity: chosen = cipher?.identity ?? encodedIdentity } = options
  if (chosen === false) return checkedIdentity(plainIdentity)
  if (chosen === encodedIdentity) return chosen
  if (typeof chosen?.identify !== 'function')
    throw new InvalidArgumentError('identity must have the method identify')
  return checkedIdentity(chosen)
}
