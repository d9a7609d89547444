import { InvalidArgumentError, type Name } from '@locks/core'
import type { MemoizeOptions } from './memoize.ts'
import { identityOf } from './pipeline/identity-of.ts'

/**
 * What the result for a list of arguments is called.
 * @throws InvalidArgumentError for what is no function, and for a key that is none.
 */
export function memoizedName<Args extends readonly unknown[]>(
  fn: unknown,
  key: MemoizeOptions<Args>['key'],
): (args: Args) => Name {
  if (typeof fn !== 'function')
    throw new InvalidArgumentError('what is memoized must be a function')
  if (typeof key !== 'function' && (typeof key !== 'string' || key === ''))
    throw new InvalidArgumentError('key must be a text or a function of the arguments')
  return (args) => (typeof key === 'function' ? key(...args) : [key, identityOf(args)])
}
