import { InvalidArgumentError } from '@locks/core'
import { toMs } from '@locks/core/parts'
import type { BreakerLimits } from './breaker.ts'
import type { CacheOptions } from './cache-options.ts'
import type { OutageLimits } from './outage.ts'

/** How a cache lives through an outage of its store. @throws InvalidArgumentError for a wrong option. */
export function protection({ breaker: given }: Pick<CacheOptions, 'breaker'>): {
  readonly breaker: BreakerLimits
  readonly outage: OutageLimits
} {
  const { failures = 5, openFor = '2s', microTtl = '1s', maxLoads = 64 } = given || {}
  const failuresMax = given === false ? Number.POSITIVE_INFINITY : count(failures, 'failures')
  return {
    breaker: { failuresMax, openMs: toMs(openFor, 'breaker.openFor') },
    outage: {
      microTtlMs: toMs(microTtl, 'breaker.microTtl', 0),
      loadsMax: count(maxLoads, 'maxLoads'),
    },
  }
}

function count(value: number, what: string): number {
  if (Number.isInteger(value) && value >= 1) return value
  throw new InvalidArgumentError(`breaker.${what} must be an integer from 1`)
}
