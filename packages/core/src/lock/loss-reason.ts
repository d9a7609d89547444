import type { LossReason } from '../errors.ts'

/** What the store's definite "not yours" means to whoever held the lease. */
export const lossReason = (state: 'absent' | 'taken'): LossReason =>
  state === 'taken' ? 'stolen' : 'deleted'
