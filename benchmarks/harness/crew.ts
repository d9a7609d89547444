import { type Program, spawnProgram } from '@locks/test-servers'

/**
 * Processes that run the same program of `serve` and are called from here: with the built packages if
 * this one does, since what runs sources in Node makes each function that is made cost more.
 */
export class Crew implements AsyncDisposable {
  readonly #programs: readonly Program[]

  private constructor(programs: readonly Program[]) {
    this.#programs = programs
  }

  /** Resolves when all answer. */
  static async start(program: URL, size: number): Promise<Crew> {
    const built = !process.execArgv.includes('--conditions=@locks/source')
    const programs = Array.from({ length: size }, () => spawnProgram(program, [], { built }))
    const crew = new Crew(programs)
    try {
      await Promise.all(crew.#programs.map(reply))
      return crew
    } catch (error) {
      await crew[Symbol.asyncDispose]()
      throw error
    }
  }

  get size(): number {
    return this.#programs.length
  }

  /** One call to one process; one at a time per process. @throws what the handler throws. */
  async one<T>(index: number, call: string, args: object): Promise<T> {
    const program = this.#programs[index]
    if (!program) throw new Error(`no process ${index}`)
    program.writeLine(JSON.stringify({ call, args }))
    return (await reply(program)) as T
  }

  /** The same call to all at once. */
  all<T>(call: string, args: object): Promise<T[]> {
    return Promise.all(this.#programs.map((_, index) => this.one<T>(index, call, args)))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#programs.map((program) => program.kill()))
  }
}

async function reply(program: Program): Promise<unknown> {
  for (;;) {
    const line = await program.nextLine()
    if (!line.startsWith('@')) continue
    const { value, error } = JSON.parse(line.slice(1))
    if (error === undefined) return value
    throw new Error(error)
  }
}
