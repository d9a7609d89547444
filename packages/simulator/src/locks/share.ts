import type { AcquireOptions } from '@locks/core'
import type { Dice } from '../time/dice.ts'
import type { LockPlan } from './lock-plan.ts'

/** How much of a name one acquisition takes, and the options that say so. */
export interface Share {
  /** For the counts. */
  readonly name: 'exclusive' | 'reader' | 'writer' | 'permit' | 'stray'
  readonly units: number
  readonly capacity: number
  readonly options: Pick<AcquireOptions, 'mode' | 'permits'>
}

const ALL = 2 ** 31
const SHARES = {
  exclusive: { name: 'exclusive', units: 1, capacity: 1, options: {} },
  reader: { name: 'reader', units: 1, capacity: ALL, options: { mode: 'shared' } },
  writer: { name: 'writer', units: ALL, capacity: ALL, options: { mode: 'exclusive' } },
} as const satisfies Record<string, Share>

export function drawShare(dice: Dice, { sharing, permits, readers, strays }: LockPlan): Share {
  if (sharing === 'none') return SHARES.exclusive
  if (dice.chance(strays)) return { ...SHARES.exclusive, name: 'stray' }
  if (sharing === 'permits')
    return { name: 'permit', units: 1, capacity: permits, options: { permits } }
  return dice.chance(readers) ? SHARES.reader : SHARES.writer
}
