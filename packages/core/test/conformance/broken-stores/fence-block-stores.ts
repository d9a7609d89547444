import type { AcquireRequest } from '../../../src/index.ts'
import type { StepLeaseStore } from '../step-store.ts'
import type { BrokenStores } from './broken.ts'

/** Lease stores with one mistake each in the fences that a grant owns. */
export const brokenFenceBlockStores: BrokenStores<StepLeaseStore> = {
  'takes one fence, however many are asked for': {
    fails: 'a grant exceeds all fences that the one before owned',
    instead: (store) => ({ acquire: ({ fences: _, ...request }) => store.acquire(request) }),
  },
  'takes fences for each repetition': {
    fails: 'a repeated acquire keeps its fences',
    instead: (store) => ({
      async acquire(request) {
        const state = store.stateOf(request.key)
        const repeats = state.holders.has(request.token)
        const reply = await store.acquire(request)
        if (repeats) state.fence += request.fences ?? 0
        return reply
      },
    }),
  },
  'takes a thousand million fences for each grant': {
    fails: 'who asks for none owns one',
    instead: (store) => ({
      acquire: (request) => store.acquire({ ...request, fences: request.fences ?? 1_000_000_000 }),
    }),
  },
  'forgets how many fences a waiter asked for': {
    fails: 'a pushed grant owns the fences that its waiter asked for',
    instead: (store) => ({ acquire: (request) => store.acquire(withoutBlock(request)) }),
  },
}

function withoutBlock({ fences, ...request }: AcquireRequest): AcquireRequest {
  return request.waiter || fences === undefined ? request : { ...request, fences }
}
