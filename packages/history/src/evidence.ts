import type { Breach } from './calls.ts'
import { type Claim, claimsOf, overlaps, type Span } from './claim.ts'
import type { Expectations } from './expectations.ts'
import type { History } from './history.ts'

/** What the checks look at. */
export class Evidence {
  readonly history: History
  readonly claims: readonly Claim[]
  readonly expected: Expectations

  constructor(history: History, expected: Expectations) {
    this.history = history
    this.claims = claimsOf(history)
    this.expected = expected
  }

  /** The name of a fault that was felt in this time and may break this promise. */
  excuse(breach: Breach, span: Span): string | undefined {
    return this.#fault(span, ({ breaks = [] }) => breaks.includes(breach))
  }

  /** The name of any fault that was felt in this time. */
  trouble(span: Span): string | undefined {
    return this.#fault(span, () => true)
  }

  #fault(
    span: Span,
    applies: (fault: { readonly breaks?: readonly Breach[] }) => boolean,
  ): string | undefined {
    const { recoveryMs = 0 } = this.expected
    const found = this.history.of('fault').find(({ asked, invokedMs, completedMs }) => {
      // A fault that takes no time is felt all the same.
      const felt = { fromMs: invokedMs, untilMs: completedMs + recoveryMs + Number.MIN_VALUE }
      return applies(asked) && (overlaps(felt, span) || isWithin(invokedMs, span))
    })
    return found?.asked.fault
  }
}

const isWithin = (atMs: number, { fromMs, untilMs }: Span): boolean =>
  fromMs <= atMs && atMs <= untilMs
