import type { Answer, ExtendReply, ExtendRequest } from '../../../src/index.ts'
import type { LeaseHolder } from '../../../src/spec/index.ts'
import type { StepLeaseStore } from '../step-store.ts'
import type { BrokenStores } from './broken.ts'

type HandOver = ExtendRequest & { readonly newToken: string }

/** Lease stores with one mistake each in how they hand a lease over. */
export const brokenHandOverStores: BrokenStores<StepLeaseStore> = {
  'knows of no hand-over': {
    fails: 'an extend may give the lease another token',
    instead: (store) => handing(store, ({ newToken: _, ...request }) => store.extend(request)),
  },
  'lets both hold': {
    fails: 'who has handed over holds nothing any more',
    instead: (store) =>
      handing(store, async (request) => {
        const { holders } = store.stateOf(request.key)
        const before = holders.get(request.token)
        const reply = await store.extend(request)
        if (before) holders.set(request.token, before)
        return reply
      }),
  },
  'mints a fence at a hand-over': {
    fails: 'a hand-over keeps the fence',
    instead: (store) =>
      handing(store, async (request) => {
        const reply = await store.extend(request)
        change(store, request, ({ fence }) => ({ fence: fence + 1 }))
        return reply
      }),
  },
  'keeps the end of the lease that is handed over': {
    fails: 'a hand-over moves the end of the lease',
    instead: (store) =>
      handing(store, async (request) => {
        const untilMs = store.stateOf(request.key).holders.get(request.token)?.untilMs
        const reply = await store.extend(request)
        change(store, request, () => (untilMs === undefined ? {} : { untilMs }))
        return reply
      }),
  },
  'takes its own repeat for a second hand-over': {
    fails: 'a repeated hand-over extends the lease',
    instead: (store) =>
      handing(store, async (request) =>
        store.stateOf(request.key).holders.has(request.newToken)
          ? { state: 'taken' }
          : store.extend(request),
      ),
  },
  'answers a repeat and does nothing': {
    fails: 'a repeated hand-over extends the lease',
    instead: (store) =>
      handing(store, async (request) =>
        store.stateOf(request.key).holders.has(request.newToken)
          ? { state: 'extended', remainingMs: request.ttlMs }
          : store.extend(request),
      ),
  },
  'hands over as often as asked': {
    fails: 'a lease is handed over once',
    instead(store) {
      const heirs = new Map<string, string>()
      return handing(store, (request) => {
        const token = heirs.get(request.token) ?? request.token
        heirs.set(request.token, request.newToken)
        return store.extend({ ...request, token })
      })
    },
  },
  'hands over for anybody': {
    fails: 'another token cannot hand over',
    instead: (store) =>
      handing(store, (request) => {
        const [token = request.token] = store.stateOf(request.key).holders.keys()
        return store.extend({ ...request, token })
      }),
  },
  'takes a free name by a hand-over': {
    fails: 'a free name cannot be handed over, and stays free',
    instead: (store) =>
      handing(store, async (request) => {
        const reply = await store.extend(request)
        if (reply.state === 'absent') await store.acquire({ ...request, token: request.newToken })
        return reply
      }),
  },
  'hands over late': {
    fails: 'a late hand-over changes nothing',
    instead: (store) =>
      handing(store, async (request) => {
        const { notAfterMs: _, ...inTime } = request
        const reply = await store.extend(request)
        if (reply.state === 'late') await store.extend(inTime)
        return reply
      }),
  },
  'hands over one unit': {
    fails: 'a hand-over keeps the units',
    instead: (store) =>
      handing(store, async (request) => {
        const reply = await store.extend(request)
        change(store, request, () => ({ units: 1 }))
        return reply
      }),
  },
}

/** Extends that hand nothing over stay as they are. */
const handing = (
  store: StepLeaseStore,
  handOver: (request: HandOver) => Answer<ExtendReply>,
): Pick<StepLeaseStore, 'extend'> => ({
  extend: ({ newToken, ...request }) =>
    newToken === undefined ? store.extend(request) : handOver({ ...request, newToken }),
})

function change(
  store: StepLeaseStore,
  { key, newToken }: HandOver,
  changes: (holder: LeaseHolder) => Partial<LeaseHolder>,
): void {
  const { holders } = store.stateOf(key)
  const holder = holders.get(newToken)
  if (holder) holders.set(newToken, { ...holder, ...changes(holder) })
}
