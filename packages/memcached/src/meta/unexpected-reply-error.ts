import { StoreUnavailableError } from '@locks/core'

/** The answer is none that its command can have: a server of another kind, or answers out of step. */
export class UnexpectedReplyError extends StoreUnavailableError {}
