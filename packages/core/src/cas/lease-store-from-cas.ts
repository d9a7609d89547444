import type { CasStore } from '../contract/cas-store.ts'
import type {
  AcquireReply,
  AcquireRequest,
  ExtendReply,
  Inspection,
  LeaseStore,
  ReleaseReply,
} from '../contract/lease-store.ts'
import { UnsupportedError } from '../errors.ts'
import { CasLeases } from './cas-leases.ts'
import { TtlSteps } from './ttl-steps.ts'
import { untilSettled } from './until-settled.ts'

/**
 * A lease store of level 1: exclusive leases, no queue, no fences, no shared mode and no permits.
 *
 * Acquire is one step, and two or three when the name is held. Extend and release never touch another
 * holder's lease: they read it, compare the owner token, and write over that version alone. Where the
 * store tells the version of a write (`CasStored.version`) the reading is saved.
 *
 * It has no clock, so a command that runs late is undone and not refused.
 */
export function leaseStoreFromCas<Version>(cas: CasStore<Version>): LeaseStore {
  const { ttlResolutionMs, durability } = cas.facts
  const steps = new TtlSteps(cas.facts)
  const leases = new CasLeases(cas)

  return {
    facts: { ttlResolutionMs, durability, fencing: false, exclusive: true },

    async acquire(request): Promise<AcquireReply> {
      checkExclusive(request)
      const { key, token, ttlMs } = request
      const lease = { token, ttlMs }
      const granted = { state: 'granted', remainingMs: steps.surelyKeptMs(ttlMs) } as const
      if (await leases.add(key, lease)) return granted
      return untilSettled<AcquireReply>(async () => {
        const found = await leases.find(key)
        if (found && found.token !== token) {
          return { state: 'held', remainingMs: steps.leftMs(found, found.ttlMs) }
        }
        const isMine = await (found
          ? leases.replace(key, found.version, lease)
          : leases.add(key, lease))
        return isMine ? granted : undefined
      })
    },

    async extend({ key, token, newToken = token, ttlMs }): Promise<ExtendReply> {
      const lease = { token: newToken, ttlMs }
      const extended = { state: 'extended', remainingMs: steps.surelyKeptMs(ttlMs) } as const
      const known = leases.takeKnown(token)
      if (known !== undefined && (await leases.replace(key, known, lease))) return extended
      return untilSettled<ExtendReply>(async () => {
        const found = await leases.find(key)
        const isMine = found?.token === newToken || found?.token === token
        if (!isMine) return notMine(found)
        return (await leases.replace(key, found.version, lease)) ? extended : undefined
      })
    },

    async release({ key, token }): Promise<ReleaseReply> {
      const released = { state: 'released' } as const
      const known = leases.takeKnown(token)
      if (known !== undefined && (await leases.remove(key, known))) return released
      return untilSettled<ReleaseReply>(async () => {
        const found = await leases.find(key)
        if (found?.token !== token) return notMine(found)
        return (await leases.remove(key, found.version)) ? released : undefined
      })
    },

    async inspect(key): Promise<Inspection> {
      const found = await leases.find(key)
      if (!found) return { holders: [], capacity: 1, waiters: 0 }
      const { token, ttlMs } = found
      const holder = { token, units: 1, remainingMs: steps.leftMs(found, ttlMs) }
      return { holders: [holder], capacity: 1, waiters: 0 }
    },

    ...(cas.close && { close: async () => cas.close?.() }),
  }
}

function checkExclusive({ units = 1, capacity = 1 }: AcquireRequest): void {
  if (units === 1 && capacity === 1) return
  throw new UnsupportedError('this store has exclusive leases only')
}

const notMine = (found: object | undefined) => ({ state: found ? 'taken' : 'absent' }) as const
