import { type CacheState, cacheStep } from '@locks/core/spec'
import type { Span } from '../claim.ts'
import type { Command } from './command.ts'
import { type End, endOf, FOREVER_MS, possible } from './ends.ts'
import type { Model } from './model.ts'

interface Entry {
  readonly state: CacheState
  readonly entryEnd?: End
  readonly leaseEnd?: End
}

/** What a cache store is asked and answers; which of it is there depends on the command. */
interface Request {
  readonly token: string
  readonly leaseMs: number
  readonly reason: string
  readonly keepMs: number
}

const NOW_MS = 0

const STEPS: Readonly<Record<string, (state: CacheState, request: never) => unknown>> = {
  read: (state) => cacheStep.read(state, NOW_MS),
  lease: (state, request) => cacheStep.lease(state, request, NOW_MS),
  renew: (state, { token, leaseMs }: Request) => cacheStep.renew(state, token, leaseMs, NOW_MS),
  commit: (state, request) => cacheStep.commit(state, request, NOW_MS),
  fail: (state, { token, reason, keepMs }: Request) =>
    cacheStep.fail(state, token, reason, keepMs, NOW_MS),
  write: (state, request) => cacheStep.write(state, request, NOW_MS),
  compareAndSet: (state, request) => cacheStep.compareAndSet(state, request, NOW_MS),
  remove: (state) => cacheStep.remove(state, NOW_MS),
}

/**
 * A key of a cache store: core's own `cacheStep`, with entry and load's lease each both there and gone
 * when they may have expired.
 *
 * @param slackMs how much a ttl may differ from what was asked for.
 */
export function cacheModel(slackMs: number): Model<Entry> {
  return {
    initial: { state: {} },
    run(state, command, span) {
      if (command.name === 'wipe') return [{ state: {} }]
      return afterExpiry(state, span).flatMap((settled) => {
        return execute(settled, command, span, slackMs) ?? []
      })
    },
    keyOf: ({ state: { entry, lease }, entryEnd, leaseEnd }) =>
      JSON.stringify([
        entry?.version,
        lease?.holder,
        lease?.awaited,
        lease?.failed,
        entryEnd,
        leaseEnd,
      ]),
  }
}

/** The copies belong to the caller. */
function afterExpiry({ state, entryEnd, leaseEnd }: Entry, span: Span): readonly Entry[] {
  const entries = entryEnd ? possible(entryEnd, span) : [false]
  const leases = leaseEnd ? possible(leaseEnd, span) : [false]
  return entries.flatMap((hasEntry) =>
    leases.map((hasLease) => ({
      state: {
        ...(hasEntry && state.entry && { entry: state.entry }),
        ...(hasLease && state.lease && { lease: { ...state.lease } }),
      },
      ...(hasEntry && entryEnd && { entryEnd }),
      ...(hasLease && leaseEnd && { leaseEnd }),
    })),
  )
}

function execute(
  settled: Entry,
  { name, request, reply }: Command,
  span: Span,
  slackMs: number,
): Entry | undefined {
  const told = reply?.is as Told | undefined
  if (typeof told === 'object' && told?.state === 'late') return settled
  const { state, entryEnd, leaseEnd } = settled
  const answered = STEPS[name]?.(state, request as never) as Told | undefined
  if (reply && !agree(told, answered)) return undefined
  const { entry, lease } = state
  return {
    state: {
      ...(entry && { entry: { ...entry, untilMs: FOREVER_MS } }),
      ...(lease && { lease: { ...lease, untilMs: FOREVER_MS } }),
    },
    ...(entry && { entryEnd: renewed(entry.untilMs, entryEnd, span, slackMs) }),
    ...(lease && { leaseEnd: renewed(lease.untilMs, leaseEnd, span, slackMs) }),
  }
}

function renewed(untilMs: number, end: End | undefined, span: Span, slackMs: number): End {
  return end && untilMs === FOREVER_MS ? end : endOf(span, untilMs - NOW_MS, slackMs)
}

type Told = boolean | null | Partial<Details>

interface Details {
  readonly state: string
  readonly version: string | null
  readonly entry: { readonly version: string }
  readonly holder: string
}

function agree(told: Told | undefined, answered: Told | undefined): boolean {
  // One answer about several keys tells nothing of one of them.
  if (told === undefined) return true
  if (typeof told === 'boolean' || typeof answered === 'boolean') return told === answered
  return (
    told?.state === answered?.state &&
    versionOf(told) === versionOf(answered) &&
    told?.holder === answered?.holder
  )
}

/** `null`: a command without a reply, or an entry that is not there. */
const versionOf = (reply: Partial<Details> | null | undefined): string | undefined =>
  reply?.version ?? reply?.entry?.version
