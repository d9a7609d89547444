import type { LeaseStore } from '../contract/lease-store.ts'
import { UnsupportedError } from '../errors.ts'
import type { AcquireSettings } from './options.ts'

/** @throws UnsupportedError for what the store cannot do, before it is asked. */
export function checkSupport(store: LeaseStore, settings: AcquireSettings): void {
  const { capacity, fair, steal } = settings
  if (capacity !== 1 && !(store.leave && store.onGrant)) {
    throw new UnsupportedError('the store has exclusive locks only: no mode, no permits')
  }
  if (steal && !(store.steal && store.facts.fencing)) {
    throw new UnsupportedError('the store cannot take a lock from its holder')
  }
  if (fair === 'process' && store.facts.confirms) {
    throw new UnsupportedError("the store confirms each lease: no fair: 'process'")
  }
}
