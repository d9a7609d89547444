import type { Turn } from './lock-relay.ts'
import type { LockReport, ScenarioReport } from './report.ts'
import type { Scene } from './scenes.ts'

const BAR = 24
const LANE = 44

/** A line that is drawn over itself while it goes on; on a pipe, nothing. */
export function drawProgress(label: string, done: number, total: number): void {
  if (!process.stderr.isTTY) return
  const filled = Math.round((done / total) * BAR)
  const bar = '█'.repeat(filled) + '░'.repeat(BAR - filled)
  process.stderr.write(`\r  ${label.padEnd(24)} ${bar} ${done}/${total}`)
  if (done === total) process.stderr.write('\r\x1b[K')
}

export function drawTable(scenarios: readonly ScenarioReport[]): string {
  const row = (cells: readonly (string | number)[]) => {
    const [name, ...numbers] = cells
    const columns = numbers.map((cell, index) => String(cell).padStart(index === 0 ? 13 : 10))
    return `  ${String(name).padEnd(24)}${columns.join('')}`
  }
  const head = row(['', 'loader runs', 'p50 ms', 'p99 ms', 'max ms'])
  const body = scenarios.map(({ name, loads, p50Ms, p99Ms, maxMs }) =>
    row([name, loads, p50Ms.toFixed(0), p99Ms.toFixed(0), maxMs.toFixed(0)]),
  )
  return [head, ...body].join('\n')
}

/** One row per scene: what came of it. */
export function drawScenes(scenes: readonly Scene[]): string {
  const rows = scenes.map(
    ({ name, callers, loads, worstMs, outcome }) =>
      `  ${name.padEnd(26)}${callers.toLocaleString('en-US').padStart(8)}${String(loads).padStart(13)}${worstMs.toFixed(0).padStart(10)}  ${outcome}`,
  )
  const head = `  ${''.padEnd(26)}${'callers'.padStart(8)}${'loader runs'.padStart(13)}${'max ms'.padStart(10)}`
  return [head, ...rows].join('\n')
}

/** One row per turn, in order of time: who, when, and with which fencing token. */
export function drawTimeline(
  turns: readonly Turn[],
  { overlaps, fenceMonotonic }: LockReport,
): string {
  const inOrder = [...turns].sort((a, b) => a.startMs - b.startMs)
  const firstMs = inOrder[0]?.startMs ?? 0
  const spanMs = Math.max(1, ...inOrder.map((turn) => turn.endMs - firstMs))
  const firstFence = inOrder[0]?.fence ?? 0
  const rows = inOrder.map((turn) => {
    const from = Math.floor(((turn.startMs - firstMs) / spanMs) * (LANE - 1))
    const to = Math.max(from + 1, Math.ceil(((turn.endMs - firstMs) / spanMs) * LANE))
    const lane = `${' '.repeat(from)}${'━'.repeat(to - from)}`.padEnd(LANE)
    return `  ${turn.contender.padEnd(8)}│${lane}│ fence +${turn.fence - firstFence}`
  })
  const verdict = `${turns.length} grants, ${overlaps} overlaps, fences ${fenceMonotonic ? 'grow' : 'DO NOT GROW'}`
  return [...rows, `  ${verdict}; the first fence is ${firstFence}`].join('\n')
}
