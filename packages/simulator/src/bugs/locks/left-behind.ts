import type { Bug } from '../bug.ts'

/** Many leave the queue, and requests are all that gets lost. */
export const LEFT_BEHIND: Pick<Bug, 'faults' | 'plan'> = {
  faults: {
    ...{ loseRequest: 0.7, loseReply: 0, late: 0, resend: 0, slow: 0, reset: 0 },
    ...{ outagesMax: 0, pausesMax: 0, crash: 0, dropsMax: 0, losePush: 0, latePush: 0 },
  },
  plan: {
    ...{ queue: true, names: 1, clients: 5, workers: 2, ttlMs: [50, 2000], graceMsMax: 0 },
    ...{ abort: 1, troubleMs: 4000, storeTimeoutMs: 80, thinkMsMax: 300 },
  },
}
