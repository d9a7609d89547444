import { InvalidArgumentError } from '../errors.ts'
import { type AcquireOptions, checkFlag, checkOptions } from './options.ts'

/** As `AcquireOptions`, and what a callback makes possible. */
export interface RequestOptions extends AcquireOptions {
  /** Exactly one try; the callback gets `null` when the lock is held. */
  readonly ifAvailable?: boolean
  /**
   * Inside the callback of another `request` for this name, with the same mode and permits, runs under
   * that lock: no command is sent, and the end of the inner callback does not release it.
   * Default false: the inner request waits like anybody's.
   */
  readonly reentrant?: boolean
  /**
   * `proceed`: when `wait` ends, the callback runs without the lock and gets `null`. For work that may
   * run twice. Never after an abort, an outage or a conflict. Default `reject`.
   */
  readonly onTimeout?: 'reject' | 'proceed'
}

/** @throws InvalidArgumentError unless these can be options of a request. */
export function checkRequestOptions(options: RequestOptions): void {
  checkOptions(options)
  checkFlag(options.ifAvailable, 'ifAvailable')
  checkFlag(options.reentrant, 'reentrant')
  const { onTimeout } = options
  if (onTimeout !== undefined && onTimeout !== 'reject' && onTimeout !== 'proceed') {
    throw new InvalidArgumentError("onTimeout must be 'reject' or 'proceed'")
  }
}
