import type { Holder } from '@locks/core'
import { freeLease, type LeaseState, leaseStep } from '@locks/core/spec'
import type { Span } from '../claim.ts'
import type { Command } from './command.ts'
import { type End, endOf, FOREVER_MS, possible } from './ends.ts'
import type { Model } from './model.ts'

interface Leases {
  readonly lease: LeaseState
  /** By owner token. */
  readonly ends: ReadonlyMap<string, End>
  /** Owner tokens whose fence nobody has told: the model has made one that is too small, if anything. */
  readonly guessed: ReadonlySet<string>
}

interface Told {
  readonly state?: string
  readonly fence?: number
  readonly holders?: readonly Holder[]
}

type Environment = Parameters<typeof leaseStep.inspect>[1]
type Step = (state: LeaseState, request: never, env: Environment) => { readonly reply: unknown }

const STEPS: Readonly<Record<string, Step>> = {
  acquire: leaseStep.acquire,
  steal: leaseStep.steal,
  extend: leaseStep.extend,
  release: leaseStep.release,
  leave: leaseStep.leave,
  inspect: (state, _request, env) => leaseStep.inspect(state, env),
}

const FREE: Leases = { lease: freeLease(), ends: new Map(), guessed: new Set() }

/**
 * A key of a lease store: core's own `leaseStep`, with every holder that may have expired both there and
 * gone. Of a queue it is believed that every push arrives.
 *
 * @param slackMs how much a ttl may differ from what was asked for.
 */
export function leaseModel(slackMs: number): Model<Leases> {
  return {
    initial: FREE,
    run(state, command, span) {
      if (command.name === 'wipe') return [FREE]
      return afterExpiry(state, span).flatMap((settled) => {
        return execute(settled, command, span, slackMs) ?? []
      })
    },
    keyOf: ({ lease, ends, guessed }) =>
      JSON.stringify([
        ...[[...lease.holders], [...lease.queue], [...ends], [...guessed]],
        ...[lease.capacity, lease.fence],
      ]),
  }
}

/** The copies belong to the caller. */
function afterExpiry({ lease, ends, guessed }: Leases, span: Span): readonly Leases[] {
  let choices: readonly (readonly string[])[] = [[]]
  for (const token of lease.holders.keys()) {
    choices = choices.flatMap((over) =>
      possible(ends.get(token) as End, span).map((there) => (there ? over : [...over, token])),
    )
  }
  return choices.map((over) => {
    const holders = [...lease.holders].flatMap(([token, holder]) =>
      over.includes(token) ? [] : [[token, { ...holder, untilMs: FOREVER_MS }] as const],
    )
    const queue = new Map(lease.queue)
    return { lease: { ...lease, holders: new Map(holders), queue }, ends, guessed }
  })
}

function execute(
  settled: Leases,
  { name, request, reply }: Command,
  span: Span,
  slackMs: number,
): Leases | undefined {
  const told = reply?.is as Told | undefined
  if (told?.state === 'late') return settled
  const { token = '' } = request as { readonly token?: string }
  const { lease, ends, guessed } = told ? learnFence(settled, token, told) : settled
  const before = new Set(lease.holders.keys())
  // At the time of the fence that was told a new one can only be that, or more where that is too small.
  const nowUs = told?.fence ?? 0
  const answered = answerOf(lease, name, request, nowUs)
  if (!answered || (told && !agree(told, answered))) return undefined
  const isTold = (holder: string) => holder === token && told?.fence !== undefined
  const isGuess = (holder: string) => (before.has(holder) ? guessed.has(holder) : !isTold(holder))
  return {
    lease,
    ends: newEnds(lease, ends, span, { nowMs: Math.floor(nowUs / 1000), slackMs }),
    guessed: new Set([...lease.holders.keys()].filter(isGuess)),
  }
}

function answerOf(
  lease: LeaseState,
  name: string,
  request: object,
  nowUs: number,
): Told | undefined {
  const env = { nowUs, alive: () => true }
  return STEPS[name]?.(lease, request as never, env).reply as Told | undefined
}

/** What the model has guessed the store now tells. */
function learnFence({ lease, ends, guessed }: Leases, token: string, { fence }: Told): Leases {
  const holder = lease.holders.get(token)
  if (!holder || fence === undefined || !guessed.has(token) || fence < holder.fence) {
    return { lease, ends, guessed }
  }
  lease.holders.set(token, { ...holder, fence })
  lease.fence = Math.max(lease.fence, fence)
  return { lease, ends, guessed: new Set([...guessed].filter((each) => each !== token)) }
}

function agree(told: Told, answered: Told): boolean {
  const tokens = (reply: Told) =>
    reply.holders
      ?.map(({ token }) => token)
      .toSorted()
      .join()
  const sameFence = told.fence === undefined || told.fence === answered.fence
  return told.state === answered.state && sameFence && tokens(told) === tokens(answered)
}

function newEnds(
  { holders }: LeaseState,
  ends: Leases['ends'],
  span: Span,
  { nowMs, slackMs }: { readonly nowMs: number; readonly slackMs: number },
): Leases['ends'] {
  const renewed = [...holders].map(([token, { untilMs }]) => {
    const isOld = untilMs === FOREVER_MS
    return [
      token,
      isOld ? (ends.get(token) as End) : endOf(span, untilMs - nowMs, slackMs),
    ] as const
  })
  return new Map(renewed)
}
