import type { LoadSignal, SignalListener } from '../../../src/index.ts'
import type { StepCacheStore } from '../step-store.ts'
import type { BrokenStores } from './broken.ts'

/** Cache stores with one mistake each in what they tell of loads. */
export const brokenSignalStores: BrokenStores<StepCacheStore> = {
  'tells nobody of a commit': {
    fails: 'a commit is told when somebody waits',
    instead: (store) => telling(store, (signal) => signal.type !== 'filled' && signal),
  },
  'tells of every commit': {
    fails: 'a commit that nobody waits for is not told',
    instead: (store) => ({
      commit(request) {
        awaited(store, request.key)
        return store.commit(request)
      },
    }),
  },
  'tells of a commit that it refused': {
    fails: 'a refused commit is not told',
    instead: (store) => ({
      async commit(request) {
        const stored = await store.commit(request)
        if (!stored) store.tell(request.key, { type: 'filled', token: request.token })
        return stored
      },
    }),
  },
  'tells the first word of a reason': {
    fails: 'a failure is told with its reason when somebody waits',
    instead: (store) => reasoning(store, (reason) => reason.split(' ')[0] ?? ''),
  },
  'tells a reason byte by byte': {
    fails: 'a failure is told with its reason when somebody waits',
    instead: (store) => reasoning(store, (reason) => Buffer.from(reason).toString('latin1')),
  },
  'tells of every failure': {
    fails: 'a failure that nobody waits for is not told',
    instead: (store) => ({
      fail(key, ...rest) {
        awaited(store, key)
        return store.fail(key, ...rest)
      },
    }),
  },
  'tells of no write': {
    fails: 'a write tells that it voided the load',
    instead: (store) => ({
      write(request) {
        delete store.stateOf(request.key).lease
        return store.write(request)
      },
    }),
  },
  'tells of no remove': {
    fails: 'a remove tells that it voided the load',
    instead: (store) => ({
      remove(keys) {
        for (const key of keys)
          if (!store.stateOf(key).lease?.awaited) delete store.stateOf(key).lease
        return store.remove(keys)
      },
    }),
  },
  'tells of writes that voided nothing': {
    fails: 'a write and a remove with no load to void tell nothing',
    instead: (store) => ({
      async write(request) {
        const { lease } = store.stateOf(request.key)
        const reply = await store.write(request)
        if (!lease) store.tell(request.key, { type: 'voided', token: request.token })
        return reply
      },
    }),
  },
  'announces no removal': {
    fails: 'every change that is to be announced is told, whoever waits',
    instead: (store) => ({ remove: (keys) => store.remove(keys) }),
  },
  'announces what it refused': {
    fails: 'what changed nothing announces nothing',
    instead: (store) => ({
      async commit(request) {
        const stored = await store.commit(request)
        if (!stored && request.announce) store.tell(request.key, { type: 'changed' })
        return stored
      },
    }),
  },
  'tells everybody of everything': {
    fails: 'other prefixes are not told',
    instead: (store) => ({ onSignal: (_, listener) => store.onSignal('', listener) }),
  },
  'knows one listener per prefix': {
    fails: 'everybody who listens to a prefix is told',
    instead(store) {
      const listeners = new Map<string, SignalListener>()
      return {
        onSignal(prefix, listener) {
          listeners.set(prefix, listener)
          return store.onSignal(prefix, {
            ...listener,
            signal(key, signal) {
              if (listeners.get(prefix) === listener) listener.signal(key, signal)
            },
          })
        },
      }
    },
  },
  'goes on telling who has closed': {
    fails: 'a closed subscription is told nothing, the others go on',
    instead: (store) => ({
      onSignal: (prefix, listener) => ({
        ...store.onSignal(prefix, listener),
        close: async () => {},
      }),
    }),
  },
  'counts each close of a subscription': {
    fails: 'a subscription to signals may be closed twice',
    instead(store) {
      let open = 0
      return {
        onSignal(prefix, listener) {
          open++
          const signal: SignalListener['signal'] = (...told) => {
            if (open > 0) listener.signal(...told)
          }
          const { ready } = store.onSignal(prefix, { ...listener, signal })
          const close = async () => {
            open--
          }
          return { ready, close }
        },
      }
    },
  },
}

/** Tells what `change` makes of each signal, or nothing. */
function telling(
  store: StepCacheStore,
  change: (signal: LoadSignal) => LoadSignal | false,
): Partial<StepCacheStore> {
  return {
    onSignal: (prefix, listener) =>
      store.onSignal(prefix, {
        ...listener,
        signal(key, signal) {
          const changed = change(signal)
          if (changed) listener.signal(key, changed)
        },
      }),
  }
}

const reasoning = (store: StepCacheStore, change: (reason: string) => string) =>
  telling(store, (signal) =>
    signal.type === 'failed' ? { ...signal, reason: change(signal.reason) } : signal,
  )

function awaited(store: StepCacheStore, key: string): void {
  const { lease } = store.stateOf(key)
  if (lease) lease.awaited = true
}
