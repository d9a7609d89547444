import type { Target } from '../harness/report.ts'
import { atMost } from '../harness/target.ts'
import { LOCAL, OURS, REFERENCE } from './contenders.ts'
import type { Verdicts } from './verdicts.ts'

/** Who contends, and for how long. */
export interface Shape {
  readonly title: string
  readonly processes: number
  readonly callers: number
  readonly turns: number
  readonly sectionMs: number
  /** Before a caller asks again, at least; up to three times as long. */
  readonly restMs: number
  readonly roundTripMs: number
  readonly lastsMs: number
  /** Of peers, where it is less. */
  readonly peerLastsMs?: number
  /** Of ours and the reference, that are timed. */
  readonly rounds: number
  /** Of peers: one at a time until somebody gives up takes its time. */
  readonly peerRounds: number
  /** Who is beside us: nobody, peers at their best, or also with their defaults. */
  readonly peers: 'none' | 'best' | 'all'
  /** Two who ask this close together, in different processes, ask at the same time. */
  readonly slackMs: number
  /** The targets that only this shape has, by the rounds that were timed. */
  targets(verdicts: Verdicts): Target[]
}

/** How callers come back, and how long that is watched. */
const WAYS = {
  drain: { turns: 1, restMs: 0, lastsMs: 20_000 },
  // For a shorter time the first waits, and those that the end cuts off, would be too many of all.
  think: { turns: Infinity, restMs: 10, lastsMs: 900, peerLastsMs: 450 },
  loop: { turns: Infinity, restMs: 0, lastsMs: 600 },
} as const

const FORMS = {
  together: { form: '1 process of 50 callers', processes: 1, callers: 50, slackMs: 5 },
  apart: { form: '4 processes of 12 callers', processes: 4, callers: 12, slackMs: 25 },
} as const

/** As often, and beside these, unless a shape says otherwise. */
const USUAL = { rounds: 3, peerRounds: 1, peers: 'best', roundTripMs: 0 } as const

export const shapes: readonly Shape[] = [
  shape('drain', 'together', 0, { rounds: 9 }, (all) => [
    all.ratioTo(OURS, REFERENCE, 1),
    all.ratioTo(LOCAL, REFERENCE, 10),
  ]),
  shape('drain', 'apart', 0, { rounds: 9 }, (all) => [all.ratioTo(OURS, REFERENCE, 1)]),
  shape('drain', 'together', 5),
  shape('drain', 'apart', 5),
  shape('think', 'together', 0),
  shape('think', 'apart', 0),
  shape('think', 'together', 5, { peers: 'all' }, thought),
  shape('think', 'apart', 5, {}, thought),
  shape('loop', 'together', 0, { peers: 'all', lastsMs: 300 }, (all) => [
    ...all.ratioToPeers(LOCAL, 20),
    ...all.fair(LOCAL),
  ]),
  shape('loop', 'apart', 0, { lastsMs: 300 }, (all) => [
    ...all.ratioToPeers(LOCAL, 3),
    ...all.fair(LOCAL),
  ]),
  shape('loop', 'together', 5, {}, (all) => [all.ratioTo(OURS, REFERENCE, 0.97)]),
  shape('loop', 'apart', 5),
  {
    ...{ ...USUAL, title: '16 processes of 1 caller, 3 turns of 50 ms', processes: 16, callers: 1 },
    ...{ turns: 3, sectionMs: 50, restMs: 0, roundTripMs: 2, lastsMs: 20_000 },
    ...{ slackMs: 25, peers: 'none' },
    targets: (all) => {
      const totalMs = all.median(OURS, 'totalMs')
      return [atMost('milliseconds for 16 x 3 turns', totalMs, 2400 * 1.12)]
    },
  },
]

function shape(
  way: keyof typeof WAYS,
  form: keyof typeof FORMS,
  sectionMs: number,
  own: Partial<Shape> = {},
  targets: Shape['targets'] = () => [],
): Shape {
  const sections = sectionMs > 0 ? `${sectionMs} ms sections` : 'empty sections'
  const { form: who, ...callers } = FORMS[form]
  const title = `${way}: ${who}, ${sections}`
  return { ...USUAL, ...WAYS[way], ...callers, title, sectionMs, targets, ...own }
}

function thought(all: Verdicts): Target[] {
  return [
    all.ratioTo(OURS, REFERENCE, 0.98),
    all.waits(OURS, 1.5),
    all.handOff(OURS, REFERENCE, 0.1),
  ]
}
