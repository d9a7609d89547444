import type {
  CacheStore,
  CompareAndSetReply,
  LoadLeaseReply,
  LoadSignal,
  StoredEntry,
  WriteReply,
} from '@locks/core'
import { frameEntry, parseEntry, VALUE_BYTES_MAX } from './entry-frame.ts'
import { listKeys } from './list-keys.ts'
import * as scripts from './lua.gen.ts'
import type { Push } from './push.ts'
import type { ScriptRunner } from './script-runner.ts'

/**
 * Entries as strings, the lease of each one's load as a hash beside it. A read is a plain GET or MGET;
 * everything else is one run of one script.
 */
export function redisCacheStore(
  runner: ScriptRunner,
  push: Pick<Push, 'listen'> | undefined,
): CacheStore {
  return {
    facts: { ttlResolutionMs: 1, valueBytesMax: VALUE_BYTES_MAX, clock: true },
    async read(keys) {
      const [key] = keys
      if (key === undefined) return []
      if (keys.length === 1) return [toEntry(await runner.read('GET', keys))]
      // To MGET a key of another type is a miss; the election that follows tells.
      const replies = (await runner.read('MGET', keys)) as unknown[]
      return keys.map((_, i) => toEntry(replies[i]))
    },
    async lease({ key, token, leaseMs, seen = '', awaited = '', notAfterMs = '' }) {
      const args = [token, leaseMs, seen, awaited, notAfterMs].map(String)
      return toLeaseReply(await runner.run(scripts.cacheLease, [key, loadKey(key)], args))
    },
    async renew(key, token, leaseMs) {
      const args = [token, String(leaseMs)]
      return isDone(await runner.run(scripts.cacheRenew, [loadKey(key)], args, { urgent: true }))
    },
    async commit({ key, token, data, ttlMs, announce }) {
      const entry = frameEntry(token, data)
      const args = [token, entry, String(ttlMs), signalChannel(key), flag(announce)]
      return isDone(await runner.run(scripts.cacheCommit, [key, loadKey(key)], args))
    },
    async fail(key, token, reason, keepMs) {
      const args = [token, reason, String(keepMs), signalChannel(key)]
      await runner.run(scripts.cacheFail, [key, loadKey(key)], args, { urgent: true })
    },
    async write({ key, token, data, ttlMs, notAfterMs = '', announce }) {
      const times = [String(ttlMs), String(notAfterMs)]
      const args = [frameEntry(token, data), ...times, signalChannel(key), flag(announce)]
      return toWriteReply(await runner.run(scripts.cacheWrite, [key, loadKey(key)], args))
    },
    async compareAndSet({ key, token, data, ttlMs, expected = '', notAfterMs = '', announce }) {
      const times = [String(ttlMs), String(notAfterMs)]
      const versions = [token, expected]
      const channel = signalChannel(key)
      const args = [frameEntry(token, data), ...times, channel, ...versions, flag(announce)]
      const reply = await runner.run(scripts.cacheCompareAndSet, [key, loadKey(key)], args)
      return toCompareAndSetReply(reply)
    },
    async remove(keys, options) {
      const announce = flag(options?.announce)
      const removed = keys.map((key) =>
        runner.run(scripts.cacheRemove, [key, loadKey(key)], [signalChannel(key), announce]),
      )
      return (await Promise.all(removed)).filter(isDone).length
    },
    async listEntries(request) {
      const { keys, ...rest } = await listKeys(runner, request)
      return { ...rest, keys: keys.map((key) => key.replace(LOAD_SUFFIX, '')) }
    },
    ...(push && {
      onSignal: (prefix, listener) =>
        push.listen(signalChannel(prefix), {
          message: (text) => {
            const { key, signal } = toSignal(text, runner.pushedPrefix)
            listener.signal(key, signal)
          },
          disconnected: () => listener.disconnected(),
          reconnected: () => listener.reconnected(),
        }),
    }),
  }
}

/** One for all entries whose keys begin alike: up to the brace, behind which the entry's own name is. */
const signalChannel = (key: string): string => `${key.split('{')[0]}signals`

const flag = (isSet: boolean | undefined): string => (isSet ? '1' : '')

const SIGNALS = { f: 'filled', x: 'failed', v: 'voided', c: 'changed' } as const

/**
 * What the scripts publish: a letter, the token or a dash, the key, and a reason. The reason and the client's
 * prefix of the key may have spaces.
 */
function toSignal(text: string, pushedPrefix: string): { key: string; signal: LoadSignal } {
  const [letter = '', token = ''] = text.split(' ', 2)
  const rest = text.slice(letter.length + token.length + 2 + pushedPrefix.length)
  const [key = '', ...reason] = rest.split(' ')
  const type = SIGNALS[letter as keyof typeof SIGNALS]
  if (type === 'changed') return { key, signal: { type } }
  const signal = type === 'failed' ? { type, token, reason: reason.join(' ') } : { type, token }
  return { key, signal }
}

/** Electing and renewing must not rewrite the value, so the lease has a key of its own. */
const loadKey = (key: string): string => `${key}:l`
const LOAD_SUFFIX = /:l$/

const toEntry = (stored: unknown): StoredEntry | undefined =>
  stored === null ? undefined : parseEntry(stored)

/** A client may be set to give numbers as text. */
const isDone = (reply: unknown): boolean => Number(reply) === 1

function toLeaseReply(reply: unknown): LoadLeaseReply {
  const [state, now, ...facts] = reply as unknown[]
  const storeNowMs = Number(now)
  switch (String(state) as LoadLeaseReply['state']) {
    case 'fresh':
      return { state: 'fresh', entry: parseEntry(facts[0]), storeNowMs }
    case 'failed':
      return { state: 'failed', reason: String(facts[0]), storeNowMs }
    case 'won':
      return { state: 'won', vanished: isDone(facts[0]), storeNowMs }
    case 'lost': {
      const [vanished, remainingMs, holder] = facts
      return {
        state: 'lost',
        holder: String(holder),
        remainingMs: Number(remainingMs),
        vanished: isDone(vanished),
        storeNowMs,
      }
    }
    case 'late':
      return { state: 'late', storeNowMs }
  }
}

function toCompareAndSetReply(reply: unknown): CompareAndSetReply {
  const [state, now, version = ''] = (reply as unknown[]).map(String)
  const storeNowMs = Number(now)
  switch (state as CompareAndSetReply['state']) {
    case 'written':
      return { state: 'written', version, storeNowMs }
    case 'conflict':
      return { state: 'conflict', ...(version !== '' && { version }), storeNowMs }
    case 'late':
      return { state: 'late', storeNowMs }
  }
}

function toWriteReply(reply: unknown): WriteReply {
  const [state, now] = reply as unknown[]
  return { state: String(state) as WriteReply['state'], storeNowMs: Number(now) }
}
