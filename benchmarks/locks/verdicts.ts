import type { Target } from '../harness/report.ts'
import { digits, median } from '../harness/statistics.ts'
import { atLeast, atMost } from '../harness/target.ts'
import { isPeer } from './contenders.ts'
import type { Verdict } from './judge.ts'

/** What the rounds of each contender came to that were timed, and what is wanted of them. */
export class Verdicts {
  readonly #all: ReadonlyMap<string, readonly Verdict[]>

  constructor(all: ReadonlyMap<string, readonly Verdict[]>) {
    this.#all = all
  }

  median(name: string, field: keyof Verdict): number {
    return median(this.#of(name).map((verdict) => verdict[field]))
  }

  worst(name: string, field: keyof Verdict): number {
    return Math.max(...this.#of(name).map((verdict) => verdict[field]))
  }

  /** Round by round, since the machine changes its pace. */
  ratioTo(name: string, other: string, limit: number): Target {
    const others = this.#of(other)
    const ratio = median(
      this.#of(name).map((verdict, at) => verdict.perSecond / (others[at]?.perSecond ?? 0)),
    )
    return atLeast(`throughput of ${name} over that of ${other}`, ratio, limit)
  }

  /** A peer that lets the releasing caller barge is fast because others starve: so its fairness is told, too. */
  ratioToPeers(name: string, limit: number): Target[] {
    const speed = (each: string) => this.median(each, 'perSecond')
    const [fastest] = [...this.#all.keys()].filter(isPeer).sort((a, b) => speed(b) - speed(a))
    if (fastest === undefined) return []
    const of = (field: keyof Verdict) => digits(this.median(fastest, field), 0)
    const its = `max/mean wait ${of('maxOverMeanWait')}, starved ${of('starved')}`
    const what = `throughput of ${name} over that of the fastest peer, ${fastest} (${its})`
    return [atLeast(what, speed(name) / speed(fastest), limit)]
  }

  fair(name: string): Target[] {
    const turns = this.median(name, 'maxOverMeanTurns')
    return [
      this.waits(name, 4),
      atMost(`max/mean wait of ${name}, in turns`, turns, 4),
      atMost(`starved with ${name}`, this.worst(name, 'starved'), 0),
    ]
  }

  waits(name: string, limit: number): Target {
    return atMost(`max/mean wait of ${name}`, this.median(name, 'maxOverMeanWait'), limit)
  }

  handOff(name: string, other: string, moreMs: number): Target {
    const what = `hand-off p50 of ${name}, in ms above that of ${other}`
    const p50 = (who: string) => this.median(who, 'handOffP50Ms')
    return atMost(what, p50(name) - p50(other), moreMs)
  }

  #of(name: string): readonly Verdict[] {
    return this.#all.get(name) ?? []
  }
}
