import type { LeaseEnvironment, LeaseState, LeaseStep } from '@locks/core/spec'
import { type ServerSteps, SimServer } from '../store/sim-server.ts'
import { EPOCH_MS, type World } from '../time/world.ts'

/** A server whose clock may be ahead, and whose changes others follow. */
export class ReplicatedServer extends SimServer {
  /** Pushes find their way from whichever server is the master. */
  override readonly lines: SimServer['lines']
  /** By how much its clock is ahead of all others. */
  readonly aheadMs: number
  /** Looks on while the lease of a key changes. */
  onChange: (key: string, state: LeaseState) => void = () => {}

  constructor(world: World, steps: ServerSteps, lines: SimServer['lines'], aheadMs: number) {
    super(world, steps)
    this.lines = lines
    this.aheadMs = aheadMs
  }

  override get nowMs(): number {
    return super.nowMs + this.aheadMs
  }

  override get environment(): LeaseEnvironment {
    const { nowUs, alive } = super.environment
    return { nowUs: nowUs + this.aheadMs * 1000, alive }
  }

  override runLease<Reply>(
    key: string,
    step: (state: LeaseState, env: LeaseEnvironment) => LeaseStep<Reply>,
  ): Reply {
    const reply = super.runLease(key, step)
    this.onChange(key, this.lease(key))
    return reply
  }

  /** In real time. */
  override leaseEndMs(key: string, token: string): number | undefined {
    const endMs = super.leaseEndMs(key, token)
    return endMs === undefined ? undefined : endMs - this.aheadMs
  }

  /** As `knows-holder.lua`: how long by its own clock it will know of the token's lease that ends then. */
  knowsForMs(key: string, token: string, endsAtMs = 0): number {
    const untilMs = this.leases.get(key)?.holders.get(token)?.untilMs ?? 0
    return untilMs < endsAtMs ? 0 : untilMs - this.nowMs
  }

  /** Has from now on what `other` has. */
  copy(other: SimServer): void {
    this.leases.clear()
    for (const [key, state] of other.leases) this.leases.set(key, cloneLease(state))
  }
}

/** A step changes its state in place. */
export const cloneLease = ({ holders, queue, ...rest }: LeaseState): LeaseState => ({
  ...rest,
  holders: new Map([...holders].map(([token, holder]) => [token, { ...holder }])),
  queue: new Map(queue),
})

export const toRealMs = (untilMs: number, aheadMs: number): number => untilMs - EPOCH_MS - aheadMs
