import type { Name } from '@locks/core'
import type { CacheMachine } from '../cache-machine.ts'
import type { MemoizeOptions } from '../memoize.ts'
import { memoizedName } from '../memoized-name.ts'
import { memoizedOptions } from '../memoized-options.ts'
import { StreamCall } from './stream-call.ts'

/** Items, however a function gives them. */
export type Stream<T> = Iterable<T> | AsyncIterable<T> | PromiseLike<Iterable<T> | AsyncIterable<T>>

/** A function whose streams are cached. Nothing happens before the first item is asked for. */
export interface MemoizedIter<Args extends readonly unknown[], T> {
  (...args: Args): AsyncGenerator<T, void, void>
  /** Runs the function although there is a stream, and stores what it gives. */
  refresh(...args: Args): AsyncGenerator<T, void, void>
  /** Removes the stream; whether there was one. */
  invalidate(...args: Args): Promise<boolean>
}

/** @throws InvalidArgumentError for what is no function, and for an option that makes no sense. */
export function memoizeIter<Args extends readonly unknown[], T>(
  machine: CacheMachine,
  fn: (...args: Args) => Stream<T>,
  options: MemoizeOptions<Args>,
  remove: (name: Name) => Promise<boolean>,
): MemoizedIter<Args, T> {
  const nameOf = memoizedName<Args>(fn, options.key)
  const optionsOf = memoizedOptions(machine.entrance, options)
  const items = (args: Args, anew: boolean) => {
    const source = () => itemsOf(fn, args)
    const call = new StreamCall(machine, {
      name: nameOf(args),
      options: optionsOf(args),
      source,
      anew,
    })
    return call.items() as AsyncGenerator<T, void, void>
  }
  return Object.assign((...args: Args) => items(args, false), {
    refresh: (...args: Args) => items(args, true),
    invalidate: async (...args: Args) => remove(nameOf(args)),
  })
}

/** What `fn` throws comes with the first item, as from a generator. */
async function* itemsOf<Args extends readonly unknown[], T>(
  fn: (...args: Args) => Stream<T>,
  args: Args,
): AsyncGenerator<T, void, void> {
  yield* await fn(...args)
}
