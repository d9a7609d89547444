import type { Entrance } from './entrance.ts'
import type { LoadOptions } from './load-options.ts'
import type { MemoizeOptions } from './memoize.ts'

/** The options of the entry for a list of arguments. @throws InvalidArgumentError for what makes no sense. */
export function memoizedOptions<Args extends readonly unknown[]>(
  entrance: Entrance,
  { key: _, tags, ...rest }: MemoizeOptions<Args>,
): (args: Args) => LoadOptions {
  const fixed = tags === undefined || typeof tags === 'function' ? rest : { ...rest, tags }
  entrance.settings(fixed)
  return typeof tags === 'function' ? (args) => ({ ...rest, tags: tags(...args) }) : () => fixed
}
