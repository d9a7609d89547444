import type { Evidence } from '../evidence.ts'
import { groupBy } from '../group-by.ts'
import type { Operation } from '../operation.ts'
import { cacheModel } from '../order/cache-model.ts'
import type { Command } from '../order/command.ts'
import { findOrder } from '../order/find-order.ts'
import { leaseModel } from '../order/lease-model.ts'
import type { Model } from '../order/model.ts'
import type { Violation } from '../verdict.ts'

export interface StoreOrder {
  readonly violations: readonly Violation[]
  /** Commands of the keys whose order was looked for. */
  readonly commands: number
  /** Keys whose order was not found in time. */
  readonly undecided: number
}

type Sent = Operation<'lease' | 'cache'>

/** Milliseconds that a ttl may be off; a store that counts in seconds says so in the expectations. */
const TTL_SLACK_MS = 5
const STEPS_MAX = 200_000

/**
 * Every key of a store behaves as one thing that runs one command at a time, each between its begin and
 * its end, as the step functions of core say. A command without a known outcome may have run, later too.
 * Keys with a queue are left out unless it is known that all waiters hear.
 */
export function storeOrder(evidence: Evidence): StoreOrder {
  const { ttlSlackMs = TTL_SLACK_MS } = evidence.expected
  const { history } = evidence
  const parts = [
    ...judgeAll(history.of('lease'), leaseModel(ttlSlackMs), evidence),
    ...judgeAll(history.of('cache'), cacheModel(ttlSlackMs), evidence),
  ]
  return {
    violations: parts.flatMap(({ violations }) => violations),
    commands: parts.reduce((sum, { commands }) => sum + commands, 0),
    undecided: parts.reduce((sum, { undecided }) => sum + undecided, 0),
  }
}

function judgeAll<State>(
  sent: readonly Sent[],
  model: Model<State>,
  evidence: Evidence,
): StoreOrder[] {
  const byKey = [...groupBy(sent, ({ asked }) => asked.key)]
  return byKey
    .filter(([, operations]) => evidence.expected.waitersHear || !operations.some(isQueued))
    .map(([key, operations]) => judge(key, operations, model, evidence))
}

const isQueued = ({ asked }: Sent): boolean => 'waiter' in asked.request

function judge<State>(
  key: string,
  operations: readonly Sent[],
  model: Model<State>,
  evidence: Evidence,
): StoreOrder {
  const { commandLateMs = Number.POSITIVE_INFINITY, orderStepsMax = STEPS_MAX } = evidence.expected
  const commands = operations.map((operation) => commandOf(operation, commandLateMs))
  const others = [...repeats(commands, evidence), ...wipes(operations, evidence)]
  const found = findOrder([...commands, ...others], model, orderStepsMax)
  const commandsCount = commands.length
  if (found.is !== 'impossible') {
    return { violations: [], commands: commandsCount, undecided: found.is === 'undecided' ? 1 : 0 }
  }
  const { name, process, reply, fromMs, untilMs } = found.command
  const sinceMs = commands.reduce((first, command) => Math.min(first, command.fromMs), fromMs)
  const excusedBy = evidence.excuse(breachOf(operations), { fromMs: sinceMs, untilMs })
  const violation = {
    check: 'store order',
    message: `${key}: nothing explains ${JSON.stringify(reply?.is)} to ${name} of ${process}`,
    atMs: fromMs,
    ...(excusedBy && { excusedBy }),
  }
  return { violations: [violation], commands: commandsCount, undecided: 0 }
}

function commandOf({ asked, process, outcome, ...times }: Sent, lateMs: number): Command {
  const { command: name, request } = asked
  const { invokedMs: fromMs, completedMs } = times
  const known = { name, request, process, fromMs }
  if (outcome?.is === 'replied') {
    return { ...known, untilMs: completedMs, reply: { is: outcome.reply } }
  }
  return { ...known, untilMs: completedMs + lateMs }
}

/** Copies that may have been run too, with replies that nobody has seen. */
function repeats(commands: readonly Command[], { expected }: Evidence): Command[] {
  if (!expected.commandsRepeat) return []
  return commands.map(({ reply: _reply, ...command }) => command)
}

/** Faults that may make the store forget: commands that may have been run, once for each. */
function wipes(operations: readonly Sent[], evidence: Evidence): Command[] {
  const breach = breachOf(operations)
  return evidence.history.of('fault').flatMap(({ asked, invokedMs, completedMs, process }) => {
    if (!asked.breaks?.includes(breach)) return []
    return [{ name: 'wipe', request: {}, process, fromMs: invokedMs, untilMs: completedMs }]
  })
}

const breachOf = ([first]: readonly Sent[]) => (first?.kind === 'cache' ? 'values' : 'exclusion')
