import type { Bug } from '../bug.ts'

const NEAR = 'herd-cache/src/l1/near-cache.ts'
const FEED = 'herd-cache/src/l1/change-feed.ts'
const BUSY = { signals: true, keys: 1, set: 0.3, rounds: 20 } as const

/** Values in the processes themselves. */
export const nearBugs: readonly Bug[] = [
  {
    name: 'fillRace',
    about: 'a value is kept although a change was heard of before the reply came',
    where: 'near',
    breaks: ['heard', 'own'],
    patches: [
      {
        file: 'herd-cache/src/l1/fill-gate.ts',
        search: 'return seen.changes === changes && this.#epoch === epoch',
        replace: 'return seen.changes >= changes && this.#epoch >= epoch',
      },
    ],
    nearPlan: { ...BUSY, workers: 3, thinkMsMax: 50, nearMs: 5000 },
  },
  {
    name: 'deafToChanges',
    about: 'a change by another process is heard, and the value stays',
    where: 'near',
    breaks: ['heard'],
    patches: [
      { file: FEED, search: "if (type === 'changed') this.#listener.changed(key)", replace: '' },
    ],
    nearPlan: { ...BUSY, nearMs: 5000 },
  },
  {
    name: 'changesNotAnnounced',
    about: 'nobody is told of a delete: other processes keep the value for as long as they like',
    where: 'near',
    breaks: ['bound'],
    patches: [
      {
        file: 'herd-cache/src/l1/announcing-store.ts',
        search: 'store.remove(keys, { announce: true })',
        replace: 'store.remove(keys)',
      },
      { file: NEAR, search: 'reading.atMs + ttlMs)', replace: 'reading.atMs + 60_000)' },
    ],
    nearPlan: { ...BUSY, delete: 0.3, nearMs: 50, thinkMsMax: 400 },
  },
  {
    name: 'lostPushForever',
    about: 'a value is kept for as long as it is fresh: a lost push is never made good',
    where: 'near',
    breaks: ['bound'],
    patches: [
      { file: NEAR, search: 'reading.atMs + ttlMs)', replace: 'Number.POSITIVE_INFINITY)' },
    ],
    faults: { losePush: 0.5 },
    nearPlan: { ...BUSY, nearMs: 50, thinkMsMax: 400 },
  },
  {
    name: 'ageFromReply',
    about: 'the time a value is kept begins with the reply, however long the read took',
    where: 'near',
    breaks: ['bound'],
    patches: [
      {
        file: NEAR,
        search: 'reading.atMs + ttlMs)',
        replace: 'reading.atMs * 0 + clock.now() + ttlMs)',
      },
    ],
    nearPlan: { ...BUSY, signals: false, nearMs: 50, thinkMsMax: 50, set: 0.1 },
  },
  {
    name: 'keptThroughDisconnect',
    about: 'values are kept when signals may have been lost',
    where: 'near',
    breaks: ['cut off'],
    patches: [
      {
        file: FEED,
        search: 'disconnected: () => this.#lose(),',
        replace: 'disconnected: () => { this.#isListening = false },',
      },
    ],
    faults: { dropsMax: 6 },
    nearPlan: { ...BUSY, nearMs: 5000 },
  },
  {
    name: 'ownChangeKept',
    about: 'a process keeps what it has changed itself',
    where: 'near',
    breaks: ['own'],
    patches: [
      {
        file: 'herd-cache/src/l1/announcing-store.ts',
        search: 'for (const key of keys) changing(key)\n    try',
        replace: 'try',
      },
      {
        file: 'herd-cache/src/l1/announcing-store.ts',
        search: '} finally {\n      for (const key of keys) changing(key)',
        replace: '} finally {',
      },
    ],
    nearPlan: { ...BUSY, signals: false, nearMs: 5000 },
  },
  {
    name: 'nearTagsUnlooked',
    about: 'the tags of a value are not compared with those that the store has now',
    where: 'near',
    breaks: ['cleared'],
    patches: [
      {
        file: 'herd-cache/src/tags/tag-marks.ts',
        search: 'looks.get(tag)?.mark?.version === version',
        replace: 'looks.has(tag) && version !== undefined',
      },
    ],
    nearPlan: { ...BUSY, invalidate: 0.2, nearMs: 50, thinkMsMax: 400 },
  },
  {
    name: 'deafToClears',
    about: 'the clear of another process is heard, and the values stay',
    where: 'near',
    breaks: ['marked'],
    patches: [
      {
        file: 'herd-cache/src/l1/create-near.ts',
        search: 'new ChangeFeed(store, prefix, { changed, lost })',
        replace: `new ChangeFeed(store, prefix, {
        changed: (key) => key.startsWith(tagPrefix) || changed(key),
        lost,
      })`,
      },
    ],
    nearPlan: { ...BUSY, set: 0.1, clear: 0.2, nearMs: 5000 },
  },
]
