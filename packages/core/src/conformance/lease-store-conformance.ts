import type { LeaseStore } from '../contract/lease-store.ts'
import type { HolderProgram } from './holder-program.ts'
import { type LeaseBench, leaseBench } from './lease/bench.ts'
import { closing } from './lease/closing.ts'
import { contention } from './lease/contention.ts'
import { crash } from './lease/crash.ts'
import { deposition } from './lease/deposition.ts'
import { exclusion } from './lease/exclusion.ts'
import { expiry } from './lease/expiry.ts'
import { extension } from './lease/extension.ts'
import { fenceBlocks, queuedFenceBlocks } from './lease/fence-blocks.ts'
import { fencing } from './lease/fencing.ts'
import { grant } from './lease/grant.ts'
import { handOver } from './lease/hand-over.ts'
import { inspection } from './lease/inspection.ts'
import { lateness } from './lease/lateness.ts'
import { listing } from './lease/listing.ts'
import { names } from './lease/names.ts'
import { queue } from './lease/queue.ts'
import { queueBehindEnded } from './lease/queue-behind-ended.ts'
import { queueEnd } from './lease/queue-end.ts'
import { reacquire } from './lease/reacquire.ts'
import { release } from './lease/release.ts'
import { stealing } from './lease/stealing.ts'
import { subscription } from './lease/subscription.ts'
import { units } from './lease/units.ts'
import { type Registered, register } from './register.ts'
import type { Runner } from './runner.ts'

/** What `leaseStoreConformance` is to judge. */
export interface LeaseConformanceOptions<
  Created extends LeaseStore | Promise<LeaseStore> = LeaseStore | Promise<LeaseStore>,
> {
  /** Whose suite it is, for the report. */
  readonly name?: string
  /** A store of its own at each call; it may share its server with whatever else. It is closed. */
  readonly create: () => Created
  /** Another process that takes a lease and is killed; see `runHolder`. */
  readonly holder?: HolderProgram
}

/**
 * Registers one case for each rule that a lease store must keep. None can be switched off: what the
 * store's own facts and methods rule out is skipped, with the reason in the case's name.
 *
 * When `create` is asynchronous so is this: `await` it at the top level of the test file.
 */
export function leaseStoreConformance<Created extends LeaseStore | Promise<LeaseStore>>(
  runner: Runner,
  { name = 'a lease store', create, holder }: LeaseConformanceOptions<Created>,
): Registered<Created> {
  return register<LeaseStore, LeaseBench, Created>(runner, {
    title: `${name} keeps the rules of LeaseStore`,
    create,
    bench: (store, tooLate) => leaseBench(store, tooLate, holder),
    groups: [
      grant,
      exclusion,
      reacquire,
      extension,
      handOver,
      release,
      expiry,
      fencing,
      fenceBlocks,
      inspection,
      listing,
      lateness,
      names,
      units,
      queue,
      queueBehindEnded,
      queueEnd,
      queuedFenceBlocks,
      subscription,
      stealing,
      deposition,
      contention,
      crash,
      closing,
    ],
  })
}
