import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const execute = promisify(execFile)
const SOURCE = fileURLToPath(new URL('stepped-clock.c', import.meta.url))

/** The wall clocks of servers, to be put ahead. Needs Linux and a C compiler. */
export class SteppedClocks implements AsyncDisposable {
  readonly #folder: string
  readonly #library: string
  readonly #aheadMs: number[] = []

  private constructor(folder: string) {
    this.#folder = folder
    this.#library = join(folder, 'stepped-clock.so')
  }

  /** For so many servers. @throws why it cannot be. */
  static async open(servers: number): Promise<SteppedClocks> {
    const clocks = new SteppedClocks(await mkdtemp(join(tmpdir(), 'locks-nemesis-clocks-')))
    try {
      await execute('cc', ['-shared', '-fPIC', '-O1', '-o', clocks.#library, SOURCE])
      for (let server = 0; server < servers; server++) await clocks.#set(server, 0)
      return clocks
    } catch (error) {
      await clocks[Symbol.asyncDispose]()
      throw error
    }
  }

  /** What a server is started with whose clock this shall be. */
  envOf(server: number): Readonly<Record<string, string>> {
    return { LD_PRELOAD: this.#library, LOCKS_CLOCK_STEP: this.#fileOf(server) }
  }

  /** Forward only: behind a step back fences grow no more. */
  async step(server: number, ms: number): Promise<void> {
    await this.#set(server, (this.#aheadMs[server] ?? 0) + ms)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true })
  }

  #fileOf(server: number): string {
    return join(this.#folder, `step-${server}`)
  }

  async #set(server: number, aheadMs: number): Promise<void> {
    const bytes = Buffer.alloc(8)
    bytes.writeBigInt64LE(BigInt(aheadMs) * 1000n)
    // In place from the second time on, for the server looks at this file.
    await writeFile(this.#fileOf(server), bytes, { flag: server in this.#aheadMs ? 'r+' : 'w' })
    this.#aheadMs[server] = aheadMs
  }
}
