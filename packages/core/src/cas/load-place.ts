import type { StoredEntry } from '../contract/cache-store.ts'
import type { CasEntry, CasStore } from '../contract/cas-store.ts'
import { decodeValue, encodeLoad, type LoadMark } from './cache-value.ts'

/** What is known of one cache key. */
export interface CacheView<Version> {
  /** The key itself: an entry, or the mark of a load in place of a missing one. */
  readonly main: CasEntry<Version> | undefined
  readonly entry: StoredEntry | undefined
  readonly place: LoadPlace<Version>
}

/** Where the mark of the load over what a view shows is, or would be. */
export interface LoadPlace<Version> {
  readonly key: string
  /** What is there now, valid or not. */
  readonly there: CasEntry<Version> | undefined
  /** The mark, if it is about what the view shows. */
  readonly mark: LoadMark | undefined
  /** The entry that a mark in this place is bound to. */
  readonly seen?: string
}

/**
 * A load of a missing entry leaves its mark in the entry's own place. One that replaces an entry has a
 * key beside it, bound to the version it replaces. So whoever writes or removes the entry voids the
 * load in the same step, and has nothing more to do for it.
 */
export function viewOf<Version>(
  key: string,
  main?: CasEntry<Version>,
  beside?: CasEntry<Version>,
): CacheView<Version> {
  const { entry, load } = main ? decodeValue(main.value) : {}
  if (!entry) return { main, entry, place: { key, there: main, mark: load } }
  const seen = entry.version
  const mark = beside && decodeValue(beside.value).load
  const valid = mark?.seen === seen ? mark : undefined
  return { main, entry, place: { key: besideKey(key), there: beside, mark: valid, seen } }
}

export const besideKey = (key: string): string => `${key}:l`

/** Leaves a mark there unless somebody else has changed the place since; whether it did. */
export async function leaveMark<Version>(
  cas: CasStore<Version>,
  { key, there, seen }: LoadPlace<Version>,
  mark: LoadMark,
): Promise<boolean> {
  const { ttlMs } = mark
  const value = encodeLoad({ ...mark, ...(seen !== undefined && { seen }) })
  const stored = there
    ? await cas.compareAndSet({ key, version: there.version, value, ttlMs })
    : await cas.add({ key, value, ttlMs })
  return stored !== undefined
}
