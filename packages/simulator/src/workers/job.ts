import type { Range } from '../run/campaign.ts'

/** What a worker is asked to do. */
export type Job =
  | { readonly kind: 'campaign'; readonly range: Range }
  | { readonly kind: 'hunt'; readonly name: string; readonly bundle: string; readonly range: Range }
  | { readonly kind: 'trace'; readonly seed: number }
