import type { Lock, ReleaseOptions } from '@locks/core'
import type { Tenancy } from './calls.ts'
import { overlay } from './overlay.ts'
import type { Recorder } from './recorder.ts'
import { unknownAfter } from './unknown-after.ts'

/** What is recorded of a grant. */
export interface Tenure extends Tenancy {
  readonly ttlMs: number
}

/** A held lock whose holder is a witness whenever it looks at `held`, and whose end is written down. */
export function recordedLock(lock: Lock, { ttlMs, ...tenancy }: Tenure, recorder: Recorder): Lock {
  const witness = () => recorder.witness(tenancy, () => lock.held)
  const recordLoss = () => {
    const reason = unknownAfter(lock.signal.reason).code ?? 'unknown'
    recorder.note('lost', { ...tenancy, reason }, { is: 'seen' })
  }
  if (lock.signal.aborted) recordLoss()
  else lock.signal.addEventListener('abort', recordLoss)
  witness()
  const release = async <Done>(run: () => Promise<Done>): Promise<Done> => {
    witness()
    const pending = recorder.begin('release', tenancy)
    const done = await run().catch((error: unknown) => {
      pending.end(unknownAfter(error))
      throw error
    })
    pending.end({ is: done === false ? 'lost' : 'released' })
    return done
  }
  return overlay(lock, {
    get held() {
      return witness()
    },
    async extend(ttl: number = ttlMs) {
      const pending = recorder.begin('extend', { ...tenancy, ttlMs: ttl })
      const extended = await lock.extend(ttl).catch((error: unknown) => {
        pending.end(unknownAfter(error))
        throw error
      })
      pending.end({ is: extended ? 'extended' : 'lost' })
      return extended
    },
    release: (options?: ReleaseOptions) => release(() => lock.release(options)),
    [Symbol.asyncDispose]: () => release(() => lock[Symbol.asyncDispose]()),
  })
}
