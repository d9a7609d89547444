import type { Bug } from '../bug.ts'

const RECORDER = 'herd-cache/src/stream/stream-recorder.ts'
const LOAD = 'herd-cache/src/stream/stream-load.ts'
const READER = 'herd-cache/src/stream/read-stream.ts'

/** Streams in chunks. */
export const streamBugs: readonly Bug[] = [
  {
    name: 'manifestFirst',
    about: 'the manifest is stored before the last chunk is',
    where: 'streams',
    breaks: ['whole', 'error'],
    patches: [
      {
        file: RECORDER,
        search: 'await this.#writing\n    await this.#keepChunks',
        replace: 'await this.#keepChunks',
      },
    ],
  },
  {
    name: 'chunksWithoutGeneration',
    about: 'the chunks of two loads have the same keys',
    where: 'streams',
    breaks: ['mix', 'truncated', 'whole'],
    patches: [
      {
        file: 'herd-cache/src/stream/manifest.ts',
        search: '{generation}.',
        replace: '{generation.slice(0, 0)}.',
      },
    ],
    streamPlan: { keys: 1, waitMs: 100, itemsMax: 40, refresh: 0.4, evictionsMax: 0 },
  },
  {
    name: 'errorCommits',
    about: 'a load that fails stores what it had so far',
    where: 'streams',
    breaks: ['truncated'],
    patches: [
      {
        file: LOAD,
        search: 'this.#reject(error)',
        replace: 'this.#settle((await this.#recorder.finish()) ?? UNSTORED)',
      },
    ],
    streamPlan: { loadFails: 0.5 },
  },
  {
    name: 'leaverCommits',
    about: 'a reader who leaves early has stored what he has read',
    where: 'streams',
    breaks: ['truncated'],
    patches: [
      {
        file: LOAD,
        search: 'this.#recorder.abandon()\n',
        replace:
          'this.#recorder.finish().then((entry) => this.#settle(entry ?? UNSTORED))\n return\n',
      },
    ],
    streamPlan: { leave: 0.5 },
  },
  {
    name: 'endsAtMissingChunk',
    about: 'a reader takes a chunk that is not there for the end',
    where: 'streams',
    breaks: ['truncated', 'mix'],
    patches: [
      {
        file: READER,
        search: 'if (!opened) throw broken()',
        replace: 'if (!opened) return new Uint8Array(0)',
      },
      {
        file: READER,
        search: 'if (count !== manifest.items || !frames.isAtEnd) throw broken()',
        replace: '',
      },
    ],
    streamPlan: { evictionsMax: 20, ttlMs: [500, 5000], itemsMax: 40, rounds: 4 },
  },
  {
    name: 'streamUnleased',
    about: 'a load stores its stream whoever has the lease',
    where: 'streams',
    breaks: ['P8'],
    patches: [
      {
        file: 'herd-cache/src/run-loader.ts',
        search: 'const committed = await client.commit({',
        replace: 'const committed = true\n    await client.write({',
      },
    ],
    streamPlan: { delete: 0.4, keys: 1, evictionsMax: 0, itemMsMax: 60 },
  },
]
