import type { Judgement } from './judge/judge.ts'
import type { Options } from './options.ts'
import type { Run } from './run.ts'

const VIOLATIONS_SHOWN = 20

/** The figures of a run, as data. */
export function figures(options: Options, run: Run, judgement: Judgement): object {
  const { backend, seed, minutes } = options
  const { elapsedMs, skipped, surprises, refusedByFence, lostUpdates } = run
  const recoveryMs = rounded(run.recoveriesMs)
  const worstRecoveryMs = Math.max(0, ...Object.values(recoveryMs))
  const worstWaitMs = Math.round(judgement.worstWaitMs)
  const facts = { backend, seed, minutes, elapsedMs: Math.round(elapsedMs), skipped, surprises }
  return {
    ...facts,
    ...judgement,
    ...{ worstWaitMs, recoveryMs, worstRecoveryMs, refusedByFence, lostUpdates },
  }
}

/** The same, to be read. */
export function report({ backend, seed }: Options, run: Run, judgement: Judgement): string {
  const { counts, holes, is, vacuous, violations, worstWaitMs } = judgement
  const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`
  const { grants, contended, ambiguous, losses, loads, reads, commands, undecided } = counts
  const worst = Object.entries(run.recoveriesMs).toSorted(([, a], [, b]) => b - a)[0]
  const faults = Object.entries(counts.byFault).map(([kind, { times, whileHeld }]) => {
    const recovery = seconds(run.recoveriesMs[kind] ?? 0).padStart(8)
    return `  ${kind.padEnd(44)} ${String(times).padStart(4)} × ${String(whileHeld).padStart(4)} held ${recovery}`
  })
  return [
    `${backend}, seed ${seed}, ${seconds(run.elapsedMs)}: ${is}`,
    '',
    `operations    ${counts.operations}: ${grants} grants, ${contended} requests contended, ${ambiguous} without an answer`,
    `losses told   ${losses}`,
    `cache         ${reads} reads, ${loads} loads`,
    `store order   ${commands} commands, ${undecided} keys with too many orders to look for`,
    `worst wait    ${seconds(worstWaitMs)}`,
    `worst recovery ${worst ? `${seconds(worst[1])} (${worst[0]})` : 'none'}`,
    '',
    'faults: how often, while a lock was held, and the worst time until all locks were granted again',
    ...faults,
    ...Object.entries(run.skipped).map(([what, why]) => `  ${what} (skipped: ${why})`),
    '',
    'known holes: how often they were seen, with the loser told',
    ...Object.entries(holes).map(
      ([hole, times]) =>
        `  ${hole.padEnd(44)} ${times > 0 ? String(times).padStart(4) : 'not seen'}`,
    ),
    '',
    `violations: ${violations.length}`,
    ...violations
      .slice(0, VIOLATIONS_SHOWN)
      .map(({ check, message, atMs }) => `  at ${Math.round(atMs)} ms, ${check}: ${message}`),
    ...vacuous.map((what) => `too little seen: ${what}`),
  ].join('\n')
}

function rounded(times: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(times).map(([kind, ms]) => [kind, Math.round(ms)]))
}
