import { InvalidArgumentError } from './errors.ts'

/**
 * What was forgotten, not awaited, or is something else, is found here and not at the first use.
 * @throws InvalidArgumentError unless `value` has all the methods, if any, and can have properties.
 */
export function checkGiven(value: unknown, what: string, ...methods: readonly string[]): void {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null)
    throw new InvalidArgumentError(`${what} must be an object`)
  const of = value as Readonly<Record<string, unknown>>
  if (methods.some((method) => typeof of[method] !== 'function'))
    throw new InvalidArgumentError(`${what} must have the methods ${methods.join(' and ')}`)
}
