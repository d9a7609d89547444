import type { Faults } from '../faults.ts'
import type { Dice } from '../time/dice.ts'

/** What becomes of one command. Times are ms from its sending. */
export interface Fate {
  /** When its copies reach the server; none = it is lost. */
  readonly arrivals: readonly number[]
  /** From the last arrival to the client; `undefined` = the reply is lost. */
  readonly replyMs: number | undefined
  /** When the client's connection reports an error instead. */
  readonly errorMs?: number
}

export type FateName = 'slow' | 'loseRequest' | 'loseReply' | 'late' | 'resend' | 'reset'

export interface FateContext {
  readonly dice: Dice
  readonly faults: Faults
  readonly timeoutMs: number
}

export const FATE_NAMES: readonly FateName[] = [
  'slow',
  'loseRequest',
  'loseReply',
  'late',
  'resend',
  'reset',
]

export const plainFate = (context: FateContext): Fate => ({
  arrivals: [latencyMs(context)],
  replyMs: latencyMs(context),
})

export const faultyFate: Record<FateName, (context: FateContext) => Fate> = {
  slow(context) {
    const { dice, timeoutMs } = context
    const extraMs = dice.between(0.1, 1.5) * timeoutMs
    const onRequest = dice.chance(0.5)
    return {
      arrivals: [latencyMs(context) + (onRequest ? extraMs : 0)],
      replyMs: latencyMs(context) + (onRequest ? 0 : extraMs),
    }
  },

  loseRequest: (context) => ({ arrivals: [], replyMs: undefined, ...deadConnection(context) }),

  loseReply: (context) => ({
    arrivals: [latencyMs(context)],
    replyMs: undefined,
    ...deadConnection(context),
  }),

  late: (context) => ({
    arrivals: [context.dice.between(0.5, 6) * context.timeoutMs],
    replyMs: latencyMs(context),
  }),

  resend(context) {
    const first = latencyMs(context)
    const again = first + context.dice.between(0, 1.3) * context.timeoutMs
    return { arrivals: [first, again], replyMs: latencyMs(context) }
  },

  reset(context) {
    const { dice, timeoutMs } = context
    const arrivals = dice.pick([
      [],
      [latencyMs(context)],
      // Already written, and read by the server long after the client has given the connection up.
      [dice.between(0, 0.95) * timeoutMs],
    ])
    return { arrivals, replyMs: undefined, errorMs: dice.between(0, 3) }
  },
}

const latencyMs = ({ dice, faults }: FateContext): number => dice.between(0.1, faults.latencyMs)

/** Half of the clients never hear of a dead connection; the others do after a while. */
function deadConnection({ dice, timeoutMs }: FateContext): { errorMs?: number } {
  return dice.chance(0.5) ? {} : { errorMs: dice.between(0, 4) * timeoutMs }
}
