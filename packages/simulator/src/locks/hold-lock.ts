import { ignoringOutages } from './ignoring-outages.ts'
import type { LockJob } from './lock-job.ts'
import type { Tenure } from './tenure.ts'

/** Works under a lock for a random time, extends it now and then, and releases it if that is its job. */
export async function holdLock(tenure: Tenure, job: LockJob, releases: boolean): Promise<void> {
  const { client, ttlMs } = tenure
  const { dice } = client.world
  for (let step = dice.whole(0, 3); step > 0 && believes(tenure); step--) {
    const workMs = dice.spread(1, Math.min(1000, ttlMs * 1.3))
    await new Promise<void>((resolve) => client.clock.after(workMs, resolve))
    if (dice.chance(job.plan.extend)) await ignoringOutages(() => useLock(tenure))
  }
  if (dice.chance(job.plan.handover) && tenure.lock.held) passOn(tenure, job)
  else if (releases) await ignoringOutages(() => releaseLock(tenure, job))
}

function passOn(tenure: Tenure, { audit, plan, pass }: LockJob): void {
  const grant = audit.handOver(tenure)
  pass(grant, tenure)
  if (tenure.client.world.dice.chance(plan.handoverTwice)) pass(grant, tenure)
}

function believes({ trusts, lock }: Tenure): boolean {
  return trusts === 'held' ? lock.held : !lock.signal.aborted
}

async function useLock(tenure: Tenure): Promise<void> {
  const { client, lock, ttlMs } = tenure
  tenure.touched = true
  const { dice } = client.world
  switch (dice.whole(0, 4)) {
    case 0:
      await lock.verify()
      return
    case 1:
      await lock.extend()
      return
    case 2:
      tenure.steady = false
      await lock.extend(dice.spread(10, ttlMs))
      return
    case 3:
      tenure.steady = false
      await lock.extend(dice.spread(ttlMs, 3 * ttlMs))
      return
    default:
      tenure.steady = false
      // Two at once: the reply to the last one sent must be the last one believed.
      await Promise.all([lock.extend(dice.spread(10, 2 * ttlMs)), lock.extend()])
  }
}

async function releaseLock(tenure: Tenure, { plan, audit }: LockJob): Promise<void> {
  const { client, lock } = tenure
  const { dice, trace } = client.world
  const roll = dice.fraction()
  // Forgotten: without renewal it ends by itself.
  if (roll < 0.1 && !tenure.renew) return
  if (roll < 0.3) return lock[Symbol.asyncDispose]()
  const released = await (dice.chance(plan.coolDown)
    ? audit.coolDown(tenure, dice.spread(1, 2 * tenure.ttlMs))
    : lock.release())
  trace.add(client.world.nowMs, client.id, 'released', String(released))
  if (await lock.release()) client.world.violate('release', `${lock.token} is released twice`)
}
