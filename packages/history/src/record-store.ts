import type { CacheStore, LeaseStore } from '@locks/core'
import type { Replied } from './calls.ts'
import { overlay } from './overlay.ts'
import type { Pending, Recorder } from './recorder.ts'
import { unknownAfter } from './unknown-after.ts'

const LEASE_COMMANDS = ['acquire', 'steal', 'extend', 'release', 'leave', 'inspect']
const CACHE_COMMANDS = [
  'read',
  'lease',
  'renew',
  'commit',
  'fail',
  'write',
  'compareAndSet',
  'remove',
]

/**
 * The store, with its commands and their replies written down. Values are not: entries are told apart by
 * their versions.
 */
export function recordStore<Store extends LeaseStore | CacheStore>(
  store: Store,
  recorder: Recorder,
): Store {
  const members = (kind: 'lease' | 'cache', names: readonly string[]) =>
    names.flatMap((name) => {
      const member = Reflect.get(store, name) as unknown
      if (typeof member !== 'function') return []
      const run = (...args: readonly unknown[]): unknown => Reflect.apply(member, store, args)
      return [[name, recorded(kind, name, run, recorder)]]
    })
  const all = [...members('lease', LEASE_COMMANDS), ...members('cache', CACHE_COMMANDS)]
  return overlay(store, Object.fromEntries(all))
}

function recorded(
  kind: 'lease' | 'cache',
  command: string,
  run: (...args: readonly unknown[]) => unknown,
  recorder: Recorder,
) {
  return async (...args: readonly unknown[]): Promise<unknown> => {
    const begun = requestsOf(command, args).map(({ key, ...request }) => ({
      key,
      pending: recorder.begin(kind, { key, command, request }) as Pending<'lease' | 'cache'>,
    }))
    const endAll = (outcomeOf: (index: number) => Replied) => {
      begun.forEach(({ pending }, index) => {
        pending.end(outcomeOf(index))
      })
    }
    try {
      const reply = await run(...args)
      endAll((index) => ({ is: 'replied', reply: replyFor(reply, index, begun.length) }))
      return reply
    } catch (error) {
      endAll(() => unknownAfter(error))
      throw error
    }
  }
}

type Request = { readonly key: string } & Readonly<Record<string, unknown>>

/** One for each key; the arguments that are not an object get their names of `CacheStore`. */
function requestsOf(command: string, [first, ...rest]: readonly unknown[]): readonly Request[] {
  if (Array.isArray(first)) return first.map((key: string) => ({ key }))
  if (typeof first === 'object') {
    const { data: _data, ...request } = first as Request & { readonly data?: unknown }
    return [request as Request]
  }
  const key = first as string
  const [token, second, keepMs] = rest
  if (command === 'renew') return [{ key, token, leaseMs: second }]
  return command === 'fail' ? [{ key, token, reason: second, keepMs }] : [{ key }]
}

/** What the reply says of one key; undefined = nothing. */
function replyFor(reply: unknown, index: number, keys: number): unknown {
  if (Array.isArray(reply)) return { version: reply[index]?.version ?? null }
  if (typeof reply === 'number') return keys === 1 ? reply > 0 : undefined
  if (typeof reply !== 'object' || reply === null || !('entry' in reply)) return reply ?? null
  const { entry, ...others } = reply as { readonly entry: { readonly version: string } }
  return { ...others, version: entry.version }
}
