import { type Program, type ProgramExit, spawnProgram } from '@locks/test-servers'
import type { Coordinator } from './coordinator.ts'
import type { WorkerSettings } from './worker/worker-settings.ts'
import { PrivateNetwork } from './worlds/private-network.ts'

/** Of a worker's last words. */
const STDERR_LINES = 20

/** A place in the fleet, filled by one worker process after another. */
export interface Crewman {
  readonly place: number
  readonly name: string
  readonly program: Program
}

/** What a worker in this place is told, but for its name. */
export type SettingsOf = (
  place: number,
) => Omit<WorkerSettings, 'name' | 'names' | 'seed' | 'socket'>

export interface FleetSize {
  readonly seed: number
  readonly places: number
  /** So many in one process. */
  readonly inOne?: number
  /** Of the worker in the last place, if not ours. */
  readonly network?: PrivateNetwork | undefined
}

/** The worker processes. Who is killed is replaced. */
export class Fleet implements AsyncDisposable {
  readonly #coordinator: Coordinator
  readonly #settingsOf: SettingsOf
  readonly #seed: number
  readonly #places: number
  /** In one process. */
  readonly #inOne: number
  readonly #network: PrivateNetwork | undefined
  readonly #crew = new Map<number, Crewman>()
  /** Those that we end ourselves. */
  readonly #dismissed = new Set<Program>()
  #hired = 0
  #stderr = ''

  private constructor(
    coordinator: Coordinator,
    settingsOf: SettingsOf,
    { seed, places, inOne = 1, network }: FleetSize,
  ) {
    this.#coordinator = coordinator
    this.#settingsOf = settingsOf
    this.#seed = seed
    this.#places = places
    this.#inOne = inOne
    this.#network = network
  }

  static async start(
    coordinator: Coordinator,
    settingsOf: SettingsOf,
    size: FleetSize,
  ): Promise<Fleet> {
    const fleet = new Fleet(coordinator, settingsOf, size)
    const places = Array.from({ length: size.places }, (_, place) => place)
    await Promise.all(places.map((place) => fleet.#hire(place)))
    return fleet
  }

  get crew(): readonly Crewman[] {
    return [...this.#crew.values()]
  }

  /** What the workers have written to standard error: nothing, if all is well. */
  get stderr(): string {
    return [this.#stderr, ...this.crew.map(({ program }) => program.stderr)].join('')
  }

  byName(name: string): Crewman | undefined {
    return this.crew.find((one) => one.name === name)
  }

  /** SIGKILL; resolves when another is at work in its place. */
  async replace({ place, program }: Crewman): Promise<void> {
    this.#dismissed.add(program)
    await program.kill()
    this.#stderr += program.stderr
    await this.#hire(place)
  }

  /** Resolves when all have finished what they are at. */
  async stop(): Promise<void> {
    for (const { name } of this.crew) this.#coordinator.order(name, { do: 'stop' })
    await this.#heard('done', this.crew)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const dismiss = ({ program }: Crewman) => {
      this.#dismissed.add(program)
      return program.kill()
    }
    await Promise.all(this.crew.map(dismiss))
  }

  async #hire(place: number): Promise<void> {
    const number = this.#hired++
    const name = `worker-${number}`
    const inOne = this.#inOne
    const names = inOne === 1 ? [name] : Array.from({ length: inOne }, (_, i) => `${name}.${i}`)
    const seed = this.#seed * 1000 + number * 10
    const { socket } = this.#coordinator
    const settings = { ...this.#settingsOf(place), name, names, seed, socket }
    const network = place === this.#places - 1 ? this.#network : undefined
    const file = new URL('worker/main.ts', import.meta.url)
    const under = network ? PrivateNetwork.under : []
    const program = spawnProgram(file, [JSON.stringify(settings)], { under })
    const crewman = { place, name, program }
    this.#crew.set(place, crewman)
    void program.closed.then((exit) => this.#ended(crewman, exit))
    await network?.join(program.pid)
    await this.#heard('ready', [crewman])
  }

  /** Whatever the reason: a worker that is not at work any more is a failed run. */
  #ended({ name, program }: Crewman, { code, signal }: ProgramExit): void {
    if (this.#dismissed.has(program)) return
    if (code === 0 && this.#coordinator.hasSaid(name, 'done')) return
    const lines = program.stderr.trimEnd().split('\n').slice(-STDERR_LINES).join('\n')
    this.#coordinator.bury(name, `${signal ?? `code ${code}`}\n${lines || 'nothing on stderr'}`)
  }

  /** Resolves when all of them have said so. */
  #heard(said: 'ready' | 'done', crew: readonly Crewman[]): Promise<void> {
    const hasSaid = ({ name }: Crewman) => this.#coordinator.hasSaid(name, said)
    return this.#coordinator.until(() => crew.every(hasSaid))
  }
}
