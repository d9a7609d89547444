import type { Command } from './command.ts'
import type { Model } from './model.ts'

export type Found =
  | { readonly is: 'ordered' }
  /** Whatever was done before it, this command cannot have had its reply. */
  | { readonly is: 'impossible'; readonly command: Command }
  | { readonly is: 'undecided' }

/** A way in which it may have gone so far. */
interface Path<State> {
  readonly state: State
  /** Indices of commands that are under way, or of unknown outcome, and done already. */
  readonly done: readonly number[]
}

/**
 * Looks for an order of the commands of one key in which each runs at one moment between its begin and its
 * end and gets the reply it got: Wing and Gong's search, as improved by Lowe. It goes through the ends
 * in order of time, keeps every way in which it may have gone up to there, each once, and lets a command
 * run as late as possible: when it ends, or when one that ends needs it before.
 *
 * @param stepsMax runs of the model after which the search gives up.
 */
export function findOrder<State>(
  commands: readonly Command[],
  model: Model<State>,
  stepsMax: number,
): Found {
  const search = new Search(commands, model, stepsMax)
  const ends = commands
    .map((command, index) => ({ command, index }))
    .filter(({ command }) => Number.isFinite(command.untilMs))
    .toSorted((a, b) => a.command.untilMs - b.command.untilMs)
  for (const { command, index } of ends) {
    search.finish(index)
    if (search.steps > stepsMax) return { is: 'undecided' }
    if (search.isStuck) return { is: 'impossible', command }
  }
  return { is: 'ordered' }
}

class Search<State> {
  readonly #commands: readonly Command[]
  readonly #model: Model<State>
  readonly #stepsMax: number
  readonly #open = new Set<number>()
  #begun = 0
  #paths: readonly Path<State>[]
  readonly #byBegin: readonly number[]
  steps = 0

  constructor(commands: readonly Command[], model: Model<State>, stepsMax: number) {
    this.#commands = commands
    this.#model = model
    this.#stepsMax = stepsMax
    this.#byBegin = commands
      .map((_, index) => index)
      .toSorted((a, b) => this.#at(a).fromMs - this.#at(b).fromMs)
    this.#paths = this.#unique([{ state: model.initial, done: [] }])
  }

  get isStuck(): boolean {
    return this.#paths.length === 0
  }

  /** The command ends now: keeps the paths on which it has been run, or never needs to be. */
  finish(index: number): void {
    const { untilMs, reply } = this.#at(index)
    this.#beginAll(untilMs)
    const hasRun = this.#explore(index, untilMs)
    this.#open.delete(index)
    this.#paths = this.#unique(reply ? hasRun : [...hasRun, ...this.#without(index)])
  }

  /** The paths on which it has just been run, or had been before. */
  #explore(index: number, nowMs: number): Path<State>[] {
    const reached: Path<State>[] = []
    const seen = new SeenPaths(this.#paths, (path) => this.#split(path))
    const todo = [...this.#paths]
    for (let path = todo.pop(); path && this.steps <= this.#stepsMax; path = todo.pop()) {
      const { state, done } = path
      if (done.includes(index)) {
        reached.push({ state, done: done.filter((each) => each !== index) })
        continue
      }
      todo.push(...this.#nextOf(path, nowMs).filter((next) => seen.isNew(next)))
    }
    return reached
  }

  #without(index: number): Path<State>[] {
    return this.#paths.filter(({ done }) => !done.includes(index))
  }

  #beginAll(nowMs: number): void {
    for (
      let index = this.#byBegin[this.#begun];
      index !== undefined;
      index = this.#byBegin[++this.#begun]
    ) {
      if (this.#at(index).fromMs > nowMs) return
      this.#open.add(index)
    }
  }

  /** One more command is run. */
  #nextOf({ state, done }: Path<State>, nowMs: number): Path<State>[] {
    return [...this.#open].flatMap((index) => {
      if (done.includes(index)) return []
      const command = this.#at(index)
      this.steps++
      const span = { fromMs: command.fromMs, untilMs: Math.min(command.untilMs, nowMs) }
      const after = [...done, index].toSorted((a, b) => a - b)
      const states = this.#model.run(state, command, span)
      // What may not have happened, and would have changed nothing, is of no use to anybody.
      const useful = command.reply ? states : states.filter((next) => !this.#isSame(next, state))
      return useful.map((next) => ({ state: next, done: after }))
    })
  }

  /** Those that have done least first: what they make needless is left out. */
  #unique(paths: readonly Path<State>[]): readonly Path<State>[] {
    const seen = new SeenPaths<State>([], (path) => this.#split(path))
    return paths
      .toSorted((a, b) => a.done.length - b.done.length)
      .filter((path) => seen.isNew(path))
  }

  /** What two paths must have in common to be compared, and which of them may have done less. */
  #split({ state, done }: Path<State>): {
    readonly key: string
    readonly spent: readonly number[]
  } {
    const needed = done.filter((index) => this.#at(index).reply)
    const spent = done.filter((index) => !this.#at(index).reply)
    return { key: `${needed.join()} ${this.#model.keyOf(state)}`, spent }
  }

  #isSame(a: State, b: State): boolean {
    return this.#model.keyOf(a) === this.#model.keyOf(b)
  }

  #at(index: number): Command {
    return this.#commands[index] as Command
  }
}

/**
 * A path that has come to the same with fewer commands of those that may not have run at all can still do
 * whatever the others can.
 */
class SeenPaths<State> {
  readonly #split: (path: Path<State>) => {
    readonly key: string
    readonly spent: readonly number[]
  }
  readonly #spent = new Map<string, (readonly number[])[]>()

  constructor(
    paths: Iterable<Path<State>>,
    split: (path: Path<State>) => { readonly key: string; readonly spent: readonly number[] },
  ) {
    this.#split = split
    for (const path of paths) this.isNew(path)
  }

  /** Whether nothing as good was seen before. */
  isNew(path: Path<State>): boolean {
    const { key, spent } = this.#split(path)
    const known = this.#spent.get(key) ?? []
    if (known.some((less) => less.every((index) => spent.includes(index)))) return false
    this.#spent.set(key, [...known, spent])
    return true
  }
}
