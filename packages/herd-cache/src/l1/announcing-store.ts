import type { CacheStore } from '@locks/core'

interface Announcing {
  /** Told of changes by this process: when one is sent, and again when it may have happened. */
  readonly changing: (key: string) => void
  readonly tagPrefix: string
}

/** `store`, with every change announced to the other processes. */
export function announcingStore(
  store: CacheStore,
  { changing, tagPrefix }: Announcing,
): CacheStore {
  const telling = async <T>(keys: readonly string[], change: () => Promise<T>): Promise<T> => {
    for (const key of keys) changing(key)
    try {
      return await change()
    } finally {
      for (const key of keys) changing(key)
    }
  }
  const { onSignal, listEntries } = store
  return {
    facts: store.facts,
    read: (keys) => store.read(keys),
    lease: (request) => store.lease(request),
    renew: (...args) => store.renew(...args),
    fail: (...args) => store.fail(...args),
    commit: (request) => telling([request.key], () => store.commit({ ...request, announce: true })),
    write: (request) => telling([request.key], () => store.write({ ...request, announce: true })),
    compareAndSet(request) {
      const { key, expected } = request
      // A tag that was not there is in no value.
      if (expected === undefined && key.startsWith(tagPrefix)) return store.compareAndSet(request)
      return telling([key], () => store.compareAndSet({ ...request, announce: true }))
    },
    remove: (keys) => telling(keys, () => store.remove(keys, { announce: true })),
    ...(onSignal && { onSignal: onSignal.bind(store) }),
    ...(listEntries && { listEntries: listEntries.bind(store) }),
  }
}
