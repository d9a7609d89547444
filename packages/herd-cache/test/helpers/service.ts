import { type Program, spawnProgram } from '@locks/test-servers'
import type { HerdCacheOptions } from '../../src/index.ts'
import type { Order, Report } from '../programs/service.ts'

/** A service in a process of its own, told what to do and listened to. */
export class Service implements AsyncDisposable {
  readonly program: Program

  private constructor(program: Program) {
    this.program = program
  }

  static async start(url: string, options: Partial<HerdCacheOptions> = {}): Promise<Service> {
    const file = new URL('../programs/service.ts', import.meta.url)
    const service = new Service(spawnProgram(file, [url, JSON.stringify(options)]))
    await service.program.nextLine()
    return service
  }

  static startMany(count: number, url: string, options: Partial<HerdCacheOptions> = {}) {
    return Promise.all(Array.from({ length: count }, () => Service.start(url, options)))
  }

  tell(order: Order): void {
    this.program.writeLine(JSON.stringify(order))
  }

  async hear(): Promise<Report> {
    return JSON.parse(await this.program.nextLine()) as Report
  }

  /** Obeys at once: for orders with nothing else under way. */
  async ask(order: Order): Promise<unknown> {
    this.tell(order)
    const report = await this.hear()
    if (!('done' in report)) throw new Error(`heard ${JSON.stringify(report)} instead of an answer`)
    return report.result
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.program.kill()
  }
}
