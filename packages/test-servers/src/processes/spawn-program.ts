import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { resolve } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { repoRoot } from '../repo-root.ts'
import { leftovers } from './leftovers.ts'
import { pauseProcess } from './pause-process.ts'

/** How a program ended. */
export interface ProgramExit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** Options of `spawnProgram`. */
export interface ProgramOptions {
  /** Variables on top of this process's own; `undefined` takes one away. */
  readonly env?: Readonly<Record<string, string | undefined>>
  /** Runs the packages as they were last built, instead of their sources. */
  readonly built?: boolean
  /** A command that becomes the program: `['unshare', '--net']`. */
  readonly under?: readonly string[]
}

/** A Node process that runs a file of this repository and talks in lines. */
export interface Program extends AsyncDisposable {
  readonly pid: number
  /** Every line printed so far. */
  readonly lines: readonly string[]
  /** Everything written to standard error so far. */
  readonly stderr: string
  readonly exit: Promise<ProgramExit>
  /** The same, once all that it has written is read. */
  readonly closed: Promise<ProgramExit>
  /** The next line not yet asked for; rejects when the program ends without printing it. */
  nextLine(): Promise<string>
  writeLine(text: string): void
  /** Freezes the process; resolves when it has really stopped. */
  pause(): Promise<void>
  resume(): void
  /** SIGKILL; resolves when the process is gone. */
  kill(): Promise<void>
}

/**
 * Runs a TypeScript file in a child Node, by default straight from the sources of all packages.
 * `file` is a URL, or a path from the top of the repository.
 */
export function spawnProgram(
  file: string | URL,
  args: readonly string[] = [],
  options: ProgramOptions = {},
): Program {
  const tsx = pathToFileURL(createRequire(resolve(repoRoot, 'package.json')).resolve('tsx')).href
  const path = typeof file === 'string' ? resolve(repoRoot, file) : fileURLToPath(file)
  const flags = ['--import', tsx, ...(options.built ? [] : ['--conditions=@locks/source'])]
  const words = [...(options.under ?? []), process.execPath, ...flags, path, ...args]
  const child = spawn(words[0] as string, words.slice(1), {
    // The flags of the test runner are not the program's.
    env: { ...process.env, NODE_OPTIONS: undefined, ...options.env },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  return new ProgramProcess(child)
}

class ProgramProcess implements Program {
  readonly pid: number
  readonly lines: string[] = []
  readonly exit: Promise<ProgramExit>
  readonly closed: Promise<ProgramExit>
  stderr = ''
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>
  readonly #output
  #ended = false
  #taken = 0

  constructor(child: ChildProcessByStdio<Writable, Readable, Readable>) {
    if (child.pid === undefined) throw new Error('The program could not be started')
    const pid = child.pid
    this.pid = pid
    this.#child = child
    leftovers.add(pid)
    this.exit = once(child, 'exit').then(([code, signal]) => {
      leftovers.remove(pid)
      return { code, signal }
    })
    this.closed = once(child, 'close').then(() => {
      this.#ended = true
      return this.exit
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text
    })
    // Writing to a program that has just been killed is no error of the test.
    child.stdin.on('error', () => {})
    this.#output = createInterface({ input: child.stdout })
    this.#output.on('line', (line) => this.lines.push(line))
  }

  async nextLine(): Promise<string> {
    const index = this.#taken++
    while (this.lines.length <= index) {
      if (this.#ended) {
        const { code, signal } = await this.exit
        throw new Error(`The program ended (${signal ?? `code ${code}`}): ${this.stderr}`)
      }
      await Promise.race([once(this.#output, 'line'), this.closed])
    }
    return this.lines[index] as string
  }

  writeLine(text: string): void {
    this.#child.stdin.write(`${text}\n`)
  }

  async pause(): Promise<void> {
    await pauseProcess(this.pid)
  }

  resume(): void {
    this.#child.kill('SIGCONT')
  }

  async kill(): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.exit
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill()
  }
}
