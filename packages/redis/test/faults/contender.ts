import { type Program, spawnProgram } from '@locks/test-servers'
import type { AcquireOptions, LocksOptions } from '../../src/index.ts'
import type { Order, Report } from '../programs/contender.ts'

/** A process that locks, told what to do and listened to. */
export class Contender implements AsyncDisposable {
  readonly program: Program

  private constructor(program: Program) {
    this.program = program
  }

  static startMany(count: number, url: string, options: LocksOptions): Promise<Contender[]> {
    return Promise.all(Array.from({ length: count }, () => Contender.start(url, options)))
  }

  static async start(url: string, options: LocksOptions): Promise<Contender> {
    const file = new URL('../programs/contender.ts', import.meta.url)
    const contender = new Contender(
      spawnProgram(file, [url, JSON.stringify({ storeTimeout: '30s', ...options })]),
    )
    await contender.program.nextLine()
    return contender
  }

  /** Resolves with the fence; rejects when the process reports anything else. */
  async acquire(name: string, options: AcquireOptions = {}): Promise<number> {
    const report = await this.#ask({ do: 'acquire', name, options })
    if ('acquired' in report && report.acquired !== undefined) return report.acquired
    throw new Error(`heard ${JSON.stringify(report)}`)
  }

  async held(): Promise<boolean> {
    const report = await this.#ask({ do: 'held' })
    return 'held' in report && report.held
  }

  async release(): Promise<boolean> {
    const report = await this.#ask({ do: 'release' })
    return 'released' in report && report.released
  }

  /** Resolves with the reason when the lock is lost. */
  async loss(): Promise<string> {
    const report = await this.#ask({ do: 'loss' })
    return 'lost' in report ? report.lost : ''
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.program.kill()
    // Node says there what nobody has handled.
    if (this.program.stderr !== '') throw new Error(this.program.stderr)
  }

  async #ask(order: Order): Promise<Report> {
    this.program.writeLine(JSON.stringify(order))
    return JSON.parse(await this.program.nextLine()) as Report
  }
}
