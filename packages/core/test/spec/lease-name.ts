import type { Waiter } from '../../src/contract/lease-store.ts'
import { freeLease, type LeaseState, leaseStep } from '../../src/spec/index.ts'

/** One name in a store whose clock and subscribers the test controls. */
export class Name {
  state: LeaseState = freeLease()
  nowMs = 1_700_000_000_000
  readonly dead = new Set<string>()

  get env() {
    return { nowUs: this.nowMs * 1000, alive: (subscriber: string) => !this.dead.has(subscriber) }
  }
  acquire(token: string, more: Partial<Parameters<typeof leaseStep.acquire>[1]> = {}) {
    return leaseStep.acquire(this.state, { token, ttlMs: 1000, ...more }, this.env)
  }
  /** Acquires or waits in the queue. */
  enqueue(token: string, more: Partial<Parameters<typeof leaseStep.acquire>[1]> = {}) {
    return this.acquire(token, { waiter: waiter(token), ...more })
  }
  extend(token: string, ttlMs = 1000, notAfterMs?: number) {
    const guard = notAfterMs === undefined ? {} : { notAfterMs }
    return leaseStep.extend(this.state, { token, ttlMs, ...guard }, this.env)
  }
  steal(token: string, more: Partial<Parameters<typeof leaseStep.steal>[1]> = {}) {
    return leaseStep.steal(this.state, { token, ttlMs: 1000, ...more }, this.env)
  }
  handOver(token: string, newToken: string, ttlMs = 1000) {
    return leaseStep.extend(this.state, { token, newToken, ttlMs }, this.env)
  }
  release(token: string) {
    return leaseStep.release(this.state, { token }, this.env)
  }
  leave(token: string) {
    return leaseStep.leave(this.state, { token }, this.env)
  }
  get holders() {
    return leaseStep.inspect(this.state, this.env).reply.holders
  }
  get holding() {
    return this.holders.map(({ token }) => token)
  }
  get queued() {
    return [...this.state.queue.keys()]
  }
}

export const waiter = (token: string): Waiter => ({ subscriber: `sub-${token}`, grantMs: 500 })

export const granted = (step: { grants: readonly { token: string }[] }) =>
  step.grants.map(({ token }) => token)

/** The fence of a grant that must be one. */
export function fenceOf(step: ReturnType<Name['acquire']>): number {
  if (step.reply.state !== 'granted') throw new Error(`the acquire was ${step.reply.state}`)
  return step.reply.fence ?? Number.NaN
}
