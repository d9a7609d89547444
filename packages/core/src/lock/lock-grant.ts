import { LEASE_MS_MAX } from '../duration.ts'
import { InvalidArgumentError } from '../errors.ts'
import { isEncodedName } from '../key.ts'
import type { Grant } from './grant.ts'
import type { LockMode } from './options.ts'

/**
 * A lock on its way from `handover` to `adopt`: plain data, for JSON. Keep it as secret as the token in
 * it. It holds the lock for what was left of the lease, and is worth nothing after its first adoption.
 */
export interface LockGrant {
  readonly v: 1
  /** The encoded name. */
  readonly name: string
  readonly token: string
  readonly fence?: number
  readonly mode: LockMode
  readonly units: number
  readonly capacity: number
  /** The lock's own ttl, which its adopter goes on with unless it wants another. */
  readonly ttlMs: number
}

/** What `adopt` needs of a lease. */
export function toLockGrant(grant: Grant, fence: number | undefined): LockGrant {
  const { name, token, mode, units, capacity, ttlMs } = grant
  return { v: 1, name, token, ...(fence && { fence }), mode, units, capacity, ttlMs }
}

const UNITS_MAX = 2 ** 31
const TOKEN = /^[\w-]{1,200}$/

/** @throws InvalidArgumentError unless `handover` could have made it. */
export function checkGrant(grant: LockGrant): void {
  if (typeof grant !== 'object' || grant === null || grant.v !== 1) {
    throw new InvalidArgumentError('grant must be what handover() returned')
  }
  const { name, token, fence, mode, units, capacity, ttlMs } = grant
  check(isEncodedName(name), 'name')
  check(typeof token === 'string' && TOKEN.test(token), 'token')
  check(fence === undefined || (Number.isSafeInteger(fence) && fence >= 0), 'fence')
  check(mode === 'exclusive' || mode === 'shared', 'mode')
  check(isCount(capacity, UNITS_MAX), 'capacity')
  check(isCount(units, capacity), 'units')
  check(isCount(ttlMs, LEASE_MS_MAX), 'ttlMs')
}

const isCount = (value: number, max: number): boolean =>
  Number.isInteger(value) && value >= 1 && value <= max

function check(isRight: boolean, field: keyof LockGrant): void {
  if (!isRight) throw new InvalidArgumentError(`${field} of the grant is not as handover() gave it`)
}
