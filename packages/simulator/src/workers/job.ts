import type { Range } from '../run/campaign.ts'

/** Its name, and the production code with it. */
export interface SeededBug {
  readonly name: string
  readonly bundle: string
}

/** What a worker is asked to do. */
export type Job =
  | { readonly kind: 'campaign'; readonly range: Range }
  | { readonly kind: 'hunt'; readonly in: SeededBug; readonly range: Range }
  | { readonly kind: 'trace'; readonly seed: number }
  | { readonly kind: 'history'; readonly seed: number }
  | { readonly kind: 'shrink'; readonly seed: number; readonly in?: SeededBug }
