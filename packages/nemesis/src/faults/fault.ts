import type { Breach } from '@locks/history'
import type { Scene } from './scene.ts'

/** Where it strikes. Two faults of one place do not strike at once. */
export type Place = 'worker' | 'network' | 'server'

/** Something that goes wrong on purpose. */
export interface Fault {
  readonly kind: string
  readonly place: Place
  /** What it may break that is promised without it. Absent = nothing. */
  readonly breaks?: readonly Breach[]
  /** What it breaks is hardly ever seen, so a long run may miss it. */
  readonly isRareHole?: boolean
  /** Begins, preferably while a lock is held, lasts, and is over when it resolves. */
  strike(scene: Scene): Promise<void>
}

/** What the store forgets: who holds what, and what was cached. */
export const FORGETS = ['exclusion', 'values'] as const satisfies readonly Breach[]
