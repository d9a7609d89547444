import { type ChildProcess, spawn } from 'node:child_process'
import { once, setMaxListeners } from 'node:events'
import { mkdtemp, open, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Binary } from '../binaries/binary.ts'
import { claimPort, type PortClaim } from './claim-port.ts'
import { leftovers } from './leftovers.ts'
import { pauseProcess } from './pause-process.ts'
import type { TestServer } from './test-server.ts'

const readyWithinMs = 50_000
/** After its death a server's port may still be held by a child that it had just forked. */
const portFreeWithinMs = 20_000

/** What differs between one kind of server and another. */
export interface ServerPlan {
  readonly binary: Binary
  /** Environment variables besides ours. */
  readonly env?: Readonly<Record<string, string>> | undefined
  /** Given the port and a temporary folder for the server's files. */
  readonly args: (port: number, dir: string) => readonly string[]
  /** Does the process `pid`, and no other server, answer on `port`? May reject for "not yet". */
  readonly answers: (port: number, pid: number, signal: AbortSignal) => Promise<boolean>
}

/** Starts a server of any kind and gives it the verbs of `TestServer`. */
export class ServerProcess implements TestServer {
  readonly #plan: ServerPlan
  readonly #dir: string
  #claim: PortClaim | undefined
  #child: ChildProcess | undefined
  #stopped = false

  private constructor(plan: ServerPlan, dir: string) {
    this.#plan = plan
    this.#dir = dir
  }

  /** Resolves when the server answers; rejects with the end of its log when it does not. */
  static async start(plan: ServerPlan): Promise<ServerProcess> {
    const dir = await mkdtemp(join(tmpdir(), 'locks-test-servers-'))
    leftovers.add(dir)
    const server = new ServerProcess(plan, dir)
    try {
      await server.#startSomewhere()
      return server
    } catch (error) {
      await server.stop()
      throw error
    }
  }

  get port(): number {
    return this.#claim?.port ?? 0
  }

  get address(): string {
    return `127.0.0.1:${this.port}`
  }

  get pid(): number {
    return this.#running().pid as number
  }

  async pause(): Promise<void> {
    await pauseProcess(this.pid)
  }

  resume(): void {
    this.#running().kill('SIGCONT')
  }

  async kill(): Promise<void> {
    const child = this.#child
    if (child === undefined || hasExited(child)) return
    const exit = once(child, 'exit')
    child.kill('SIGKILL')
    await exit
  }

  async restart(): Promise<void> {
    if (this.#stopped) throw new Error(`${this.#plan.binary.name} was stopped for good`)
    await this.kill()
    const sinceMs = performance.now()
    for (;;) {
      try {
        return await this.#launch()
      } catch (error) {
        if (!isPortTaken(error) || performance.now() - sinceMs > portFreeWithinMs) throw error
      }
      await sleep(20)
    }
  }

  async stop(): Promise<void> {
    this.#stopped = true
    // Not SIGTERM: there is nothing to save, a paused process would not hear it, and a Redis
    // master would first wait for its replicas.
    await this.kill()
    this.#claim?.[Symbol.dispose]()
    await rm(this.#dir, { recursive: true, force: true })
    leftovers.remove(this.#dir)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }

  #running(): ChildProcess {
    const child = this.#child
    if (child !== undefined && !hasExited(child)) return child
    throw new Error(`${this.#plan.binary.name} on port ${this.port} is not running`)
  }

  async #startSomewhere(): Promise<void> {
    for (;;) {
      this.#claim = await claimPort()
      try {
        return await this.#launch()
      } catch (error) {
        // By a program that claims no ports, between our look and the server's: not the server's fault.
        if (!isPortTaken(error)) throw error
        this.#claim[Symbol.dispose]()
      }
    }
  }

  async #launch(): Promise<void> {
    const log = await open(join(this.#dir, 'log'), 'w')
    try {
      await this.#untilReady(this.#spawn(log.fd))
    } finally {
      await log.close()
    }
  }

  #spawn(log: number): ChildProcess {
    const { binary, args, env } = this.#plan
    const child = spawn(binary.command, args(this.port, this.#dir), {
      cwd: this.#dir,
      // Redis refuses to start under a locale that the machine does not have.
      env: { ...process.env, LC_ALL: 'C', ...binary.env, ...env },
      stdio: ['ignore', log, log],
    })
    this.#child = child
    const { pid } = child
    if (pid !== undefined) {
      leftovers.add(pid)
      // Now, not later: the process may come to its end in the next turn of the event loop.
      child.once('exit', () => leftovers.remove(pid))
    }
    return child
  }

  async #untilReady(child: ChildProcess): Promise<void> {
    const { binary, answers } = this.#plan
    const signal = AbortSignal.any([AbortSignal.timeout(readyWithinMs), endOf(child)])
    // Each look is a listener more, until it is over.
    setMaxListeners(0, signal)
    while (!signal.aborted) {
      if (await answers(this.port, child.pid as number, signal).catch(() => false)) return
      await sleep(5)
    }
    const log = (await readFile(join(this.#dir, 'log'), 'utf8')).trim().split('\n').slice(-10)
    const what = hasExited(child) ? `ended with code ${child.exitCode}` : 'did not answer'
    await this.kill()
    throw new Error(`${binary.name} on port ${this.port} ${what}:\n${log.join('\n')}`)
  }
}

function isPortTaken(error: unknown): boolean {
  return error instanceof Error && error.message.includes('Address already in use')
}

function hasExited(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null
}

function endOf(child: ChildProcess): AbortSignal {
  const controller = new AbortController()
  child.once('exit', () => controller.abort())
  // The program could not even be started.
  child.on('error', () => controller.abort())
  return controller.signal
}
