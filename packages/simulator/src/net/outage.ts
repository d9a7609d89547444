import type { Dice } from '../time/dice.ts'
import type { Fate } from './fate.ts'
import type { TroubleTime } from './trouble-time.ts'

const MODES = ['refused', 'black hole', 'queued'] as const

/** A time in which nobody reaches the server. */
export interface Outage {
  readonly fromMs: number
  readonly untilMs: number
  readonly mode: (typeof MODES)[number]
}

export function planOutage(dice: Dice, trouble: TroubleTime, timeoutMs: number): Outage {
  const fromMs = dice.between(trouble.fromMs, trouble.untilMs)
  const untilMs = Math.min(trouble.untilMs, fromMs + dice.between(0.2, 5) * timeoutMs)
  return { fromMs, untilMs, mode: dice.pick(MODES) }
}

/** The fate of a command that is sent during it. `queued` = kept by the client, and sent at its end. */
export function fateInOutage(outage: Outage, nowMs: number, dice: Dice): Fate {
  switch (outage.mode) {
    case 'refused':
      return { arrivals: [], replyMs: undefined, errorMs: dice.between(0, 2) }
    case 'black hole':
      return { arrivals: [], replyMs: undefined }
    case 'queued':
      return {
        arrivals: [outage.untilMs - nowMs + dice.between(0, 5)],
        replyMs: dice.between(0, 5),
      }
  }
}
