import type { SimClient } from '../fleet/sim-client.ts'
import type { CacheAudit } from './cache-audit.ts'
import { type CachePlan, EARLY_FRACTION } from './cache-plan.ts'

/** How the plan of a schedule sets up the cache of `client`. */
export function simCacheOptions(plan: CachePlan, client: SimClient, audit: CacheAudit) {
  return {
    namespace: 'sim',
    // Not on the event loop, and of no interest here.
    compressor: false as const,
    lease: plan.leaseMs,
    waitTimeout: plan.waitMs,
    loaderTimeout: 60_000,
    jitter: plan.jitter,
    early: plan.early > 0 && ({ beta: plan.early, maxFraction: EARLY_FRACTION } as const),
    softTimeout: plan.softTimeoutMs,
    errorBackoff: plan.errorBackoffMs,
    breaker: { openFor: plan.openMs, microTtl: plan.microTtlMs, failures: 3 },
    onEvent: (event: { readonly type: string }) => audit.told(client, event),
  }
}
