import type { Lock, LockGrant, LocksError } from '@locks/core'
import type { SimClient } from '../fleet/sim-client.ts'
import type { Call } from './call-check.ts'
import { LockSight } from './lock-sight.ts'
import type { Tenure } from './tenure.ts'

/** What a caller asked for. */
export type Asked = Pick<Call, 'client' | 'key' | 'waitMs' | 'share'>

/** How a caller means to hold it. */
export type Asking = Omit<Tenure, 'client' | 'lock' | 'key' | 'share' | 'grantedAtMs'>

/** All invariants of locks. The workload tells it what callers do; it sees the store for itself. */
export class LockAudit extends LockSight {
  call(asked: Asked): Call {
    const { client, key } = asked
    const call = {
      ...asked,
      startedAtMs: this.world.nowMs,
      pausedMs: client.pausedMs,
      fenceFloor: this.checks.fences.floor(key),
      interrupted: client.closing,
    }
    this.checks.calls.start(call)
    return call
  }

  /** P4: what is granted is held at this very moment. */
  granted(call: Call, lock: Lock, options: Asking): Tenure {
    this.checks.calls.granted(call, lock)
    const { key, share, fenceFloor } = call
    this.tally.add('grants')
    this.tally.add('grants', share.name)
    // Who has not heard of a theft hands on in its process what the thief has got since.
    const floor = this.checks.thefts.isDeposed(lock.token) ? 0 : fenceFloor
    this.checks.fences.known(key, lock.token, lock.fence, floor)
    return this.#hold(call, lock, options)
  }

  handOver({ lock }: Tenure): LockGrant {
    this.tally.add('handovers')
    this.checks.ledger.giveUp(lock.token, 'handed over')
    this.checks.calls.handedOver(lock.token)
    return lock.handover()
  }

  /** An adopter goes on with the fence, and with a token of its own. */
  adopted(call: Call, grant: LockGrant, lock: Lock, options: Asking): Tenure {
    this.tally.add('adoptions')
    this.checks.calls.settle(call)
    if (lock.fence !== grant.fence) {
      this.world.violate('P6', `${lock.token} is adopted with another fence than ${grant.fence}`)
    }
    return this.#hold(call, lock, options)
  }

  notAdopted(call: Call, grant: LockGrant, error: LocksError): void {
    this.checks.calls.settle(call)
    const { client, key } = call
    this.tally.add('not adopted', error.code)
    if (error.code === 'STORE_UNAVAILABLE') {
      this.checks.calls.failed(call)
      this.checks.ledger.notAdopted(grant.token, client)
    } else if (error.code !== 'LOCK_LOST') this.world.violate('error', `c${client.id}: ${error}`)
    else if (this.server.leaseEndMs(key, grant.token) !== undefined) {
      this.world.violate('needless', `c${client.id} cannot adopt ${grant.token}, which is there`)
    }
  }

  /** `null` from a single try, or an error. */
  refused(call: Call, error: { readonly name?: string; readonly code?: string } | null): void {
    this.checks.calls.settle(call)
    this.tally.add('refused', error ? `${error.name}` : 'busy')
    if (error?.code === 'STORE_UNAVAILABLE') this.checks.calls.failed(call)
    else if (error?.code === 'CONFLICT') this.checks.calls.conflicted(call)
    else if (error && error.code !== 'LOCK_TIMEOUT' && !call.interrupted) {
      this.world.violate('error', `c${call.client.id}: ${error}`)
    }
  }

  /** Releases with a cool-down, which is exempt from being given up. */
  coolDown(tenure: Tenure, afterMs: number): Promise<boolean> {
    const { lock } = tenure
    if (lock.held && this.checks.ledger.giveUp(lock.token, 'cooling')) {
      this.tally.add('cool-downs')
      this.checks.coolDowns.start(tenure, afterMs)
    }
    return lock.release({ after: afterMs })
  }

  /** A `request` whose callback had `tenure` has resolved: then it was held to the end. */
  completed({ client, lock }: Tenure): void {
    if (this.checks.ledger.wasLost(lock.token)) {
      this.world.violate('request', `c${client.id} is not told that ${lock.token} was lost`)
    }
  }

  /** The locks of `client` have begun to close. */
  closing(client: SimClient): void {
    client.closingSinceMs = this.world.nowMs
    this.checks.calls.interrupt(client)
  }

  closed(client: SimClient): void {
    this.checks.beliefs.checkClosed(client)
    this.checks.ledger.checkClosed(client)
  }

  watch(): void {
    this.checks.watch()
  }

  /** Nothing happens any more. */
  finish(): void {
    this.checks.calls.finish()
  }

  #hold({ client, key, share }: Call, lock: Lock, options: Asking): Tenure {
    const tenure: Tenure = { ...options, client, lock, key, share, grantedAtMs: this.world.nowMs }
    if (tenure.trusts === 'held' && !lock.held) {
      this.world.violate('P4', `c${client.id} is granted ${lock.token} with nothing left of it`)
    }
    this.checks.lostQueues.left(lock.token)
    this.checks.ledger.hold(lock.token, options.graceMs)
    this.checks.beliefs.start(tenure)
    return tenure
  }
}
