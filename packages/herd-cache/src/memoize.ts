import type { Name } from '@locks/core'
import type { LoadOptions } from './load-options.ts'
import type { Loader } from './loader.ts'
import { memoizedName } from './memoized-name.ts'

/** How results are named, tagged and kept. */
export interface MemoizeOptions<Args extends readonly unknown[]> extends Omit<LoadOptions, 'tags'> {
  /** What the function is called in the cache; or the entry's whole name, made from the arguments. */
  readonly key: string | ((...args: Args) => Name)
  /** The tags of every result, or of the one for these arguments. */
  readonly tags?: readonly Name[] | ((...args: Args) => readonly Name[])
}

/** A function whose results are cached. */
export interface Memoized<Args extends readonly unknown[], T> {
  (...args: Args): Promise<T>
  /** Runs the function although there is a result, and stores what it gives. */
  refresh(...args: Args): Promise<T>
  /** Removes the result; whether there was one. */
  invalidate(...args: Args): Promise<boolean>
}

/** What a memoized function does with its entries. */
export interface MemoizedEntries<Args extends readonly unknown[], T> {
  optionsOf(args: Args): LoadOptions
  get(name: Name, loader: Loader<T>, options: LoadOptions): Promise<T>
  reload(name: Name, loader: Loader<T>, options: LoadOptions): Promise<T>
  remove(name: Name): Promise<boolean>
}

/** @throws InvalidArgumentError for what is no function, and for a key that is none. */
export function memoize<Args extends readonly unknown[], T>(
  fn: (...args: Args) => T | PromiseLike<T>,
  { key }: MemoizeOptions<Args>,
  entries: MemoizedEntries<Args, T>,
): Memoized<Args, T> {
  const nameOf = memoizedName(fn, key)
  const { optionsOf } = entries
  const load = (args: Args) => () => fn(...args)
  const call = async (...args: Args) => entries.get(nameOf(args), load(args), optionsOf(args))
  return Object.assign(call, {
    refresh: async (...args: Args) => entries.reload(nameOf(args), load(args), optionsOf(args)),
    invalidate: async (...args: Args) => entries.remove(nameOf(args)),
  })
}
