import { setTimeout as sleep } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import { Chance } from '../chance.ts'

/** What is to end soon ends after this, and is waited for at once: so no command is near to an end. */
export const SHORT_MS = 3
/** Longer than a day, for what a key must outlive; nothing of this ends in a trial. */
export const LONG_MS = [600_000, 1_200_000, 200_000_000] as const

const COMMANDS = 40
const TIMES = new Set(['remainingMs', 'storeNowMs', 'enqueuedAtMs', 'grantedAtMs'])
const FENCES = new Set(['fence', 'thiefFence'])

export interface Exchange<Reply> {
  readonly reply: Reply
  readonly sentAtMs: number
  readonly repliedAtMs: number
}

/** What a store did is not what the specification says. */
export class Difference extends Error {}

/**
 * The same random commands to a server and to the specification, which takes the server's time from its
 * replies: so a machine may be as slow as it likes.
 */
export abstract class Trial {
  readonly chance: Chance
  readonly #log: string[] = []
  #slowestMs = 0

  constructor(seed: number) {
    this.chance = new Chance(seed)
  }

  /** When the specification's state changes by itself, epoch ms. */
  protected abstract ends(): number[]

  /** One random command to both. */
  protected abstract step(): Promise<void>

  /** @throws Difference with the commands so far. */
  async run(): Promise<void> {
    for (let count = 0; count < COMMANDS; count++) {
      await this.step().catch((error: Error) => {
        throw new Difference(`${error.message}\nafter:\n${this.#log.join('\n')}`)
      })
    }
  }

  protected async exchange<Reply>(what: string, send: () => Promise<Reply>) {
    this.#log.push(what)
    const sentAtMs = Date.now()
    const reply = await send()
    const repliedAtMs = Date.now()
    this.#log.push(`  ${JSON.stringify(reply)}`)
    this.#slowestMs = Math.max(this.#slowestMs, repliedAtMs - sentAtMs)
    return { reply, sentAtMs, repliedAtMs }
  }

  /** Times are exact where the server has told its own. */
  protected compare({ reply }: Exchange<unknown>, expected: unknown, exact: boolean): void {
    const toleranceMs = exact ? 0 : this.#slowestMs + 2
    const [actual, wanted] = [flat(reply), flat(expected)]
    const alike = ([path, one]: [string, unknown], [otherPath, other]: [string, unknown]) => {
      if (path !== otherPath) return false
      const name = path.split('.').at(-1) ?? ''
      if (TIMES.has(name))
        return one === other || Math.abs(+String(one) - +String(other)) <= toleranceMs
      return FENCES.has(name) ? isFence(one, other) : isDeepStrictEqual(one, other)
    }
    const same =
      actual.length === wanted.length &&
      actual.every((each, i) => alike(each, wanted[i] as [string, unknown]))
    this.check(same, `expected ${JSON.stringify(expected)}`)
  }

  protected check(holds: boolean, otherwise: string): void {
    if (!holds) throw new Difference(otherwise)
  }

  /** Until whatever ends soon has ended, on the server too. */
  protected async pass({ repliedAtMs }: Exchange<unknown>): Promise<void> {
    const isSoon = (end: number) => end < repliedAtMs + LONG_MS[0] / 2
    if (!this.ends().some(isSoon)) return
    while (Date.now() <= repliedAtMs + SHORT_MS + 1) await sleep(1)
  }
}

/** The specification counts in whole ms: a fence may have the microseconds besides. */
function isFence(actual: unknown, expected: unknown): boolean {
  const more = Number(actual) - Number(expected)
  return more >= 0 && more < 1000
}

/** All leaves of an object by their path, in the order of the paths. */
function flat(value: unknown, path = ''): [string, unknown][] {
  const isTree = typeof value === 'object' && value !== null && !ArrayBuffer.isView(value)
  if (!isTree) return [[path, ArrayBuffer.isView(value) ? Buffer.from(value as Uint8Array) : value]]
  return Object.entries(value)
    .filter(([, each]) => each !== undefined)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .flatMap(([key, each]) => flat(each, `${path}.${key}`))
}
