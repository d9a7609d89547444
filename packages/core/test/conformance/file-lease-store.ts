import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import type { LeaseStore } from '../../src/index.ts'
import { freeLease, type LeaseHolder, type LeaseState, leaseStep } from '../../src/spec/index.ts'
import { nowMs } from './step-store.ts'

interface StoredLease {
  readonly holders: [token: string, holder: LeaseHolder][]
  readonly fence: number
}

/**
 * The specification over a file, so that another process can hold a lease. Each command is synchronous
 * and thus atomic in one process; two processes must take turns.
 */
export function fileLeaseStore(path: string): LeaseStore {
  const environment = () => ({ nowUs: nowMs() * 1000, alive: () => true })

  function update<Reply>(key: string, step: (state: LeaseState) => { reply: Reply }): Reply {
    const leases: Record<string, StoredLease> = existsSync(path)
      ? JSON.parse(readFileSync(path, 'utf8'))
      : {}
    const { holders = [], fence = 0 } = leases[key] ?? {}
    const state = { ...freeLease(fence), holders: new Map(holders) }
    const { reply } = step(state)
    leases[key] = { holders: [...state.holders], fence: state.fence }
    writeFileSync(path, JSON.stringify(leases))
    return reply
  }

  return {
    facts: { ttlResolutionMs: 1, durability: 'volatile', fencing: true, exclusive: true },
    acquire: async (request) =>
      update(request.key, (state) => leaseStep.acquire(state, request, environment())),
    extend: async (request) =>
      update(request.key, (state) => leaseStep.extend(state, request, environment())),
    release: async (request) =>
      update(request.key, (state) => leaseStep.release(state, request, environment())),
    inspect: async (key) => update(key, (state) => leaseStep.inspect(state, environment())),
  }
}
