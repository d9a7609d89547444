import type { Bug } from '../bug.ts'

const RUN_LOADER = 'herd-cache/src/run-loader.ts'

/** Values on their way to bytes and back, outside the event loop. */
export const packBugs: readonly Bug[] = [
  {
    name: 'packedWithoutLease',
    about: 'the lease is not kept while a loaded value is packed',
    where: 'cache',
    breaks: ['P7'],
    patches: [
      {
        file: RUN_LOADER,
        search: `const packed = versions ? await pack(parts, key, made) : NOT_STORED
    renewal.stop()`,
        replace: `renewal.stop()
    const packed = versions ? await pack(parts, key, made) : NOT_STORED`,
      },
    ],
    cachePlan: { packMsMax: 300, leaseMs: 100 },
  },
  {
    name: 'packErrorThrown',
    about: 'a loaded value that cannot be packed is an error to its callers',
    where: 'cache',
    breaks: ['error'],
    patches: [
      {
        file: RUN_LOADER,
        search: "emit({ type: 'unserializable', key, error })\n    return NOT_STORED",
        replace: 'throw error',
      },
    ],
    cachePlan: { packMsMax: 5, packFails: 0.3 },
  },
  {
    name: 'unreadableThrown',
    about: 'what cannot be read is an exception instead of a miss',
    where: 'cache',
    breaks: ['error'],
    patches: [
      {
        file: 'herd-cache/src/pipeline/pipeline.ts',
        search: '} catch {\n      return { unreadableBy: stage }',
        replace: '} catch (error) {\n      throw error',
      },
    ],
    cachePlan: { packMsMax: 5, packsGarbage: 0.3, ttlMs: [10_000, 60_000] },
  },
  {
    name: 'unreadableNotSeen',
    about: 'who finds what cannot be read asks for it again and again',
    where: 'cache',
    breaks: ['wait', 'rest'],
    patches: [
      {
        file: 'herd-cache/src/load.ts',
        search: 'known = { ...known, seen: reply.entry.version }',
        replace: '',
      },
    ],
    cachePlan: { packMsMax: 5, packsGarbage: 0.3, ttlMs: [10_000, 60_000] },
  },
]
