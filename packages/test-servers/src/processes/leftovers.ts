import { type ChildProcess, spawn } from 'node:child_process'

/**
 * A shell that reads `+ what` and `- what` lines and, when the pipe ends, kills the pids and
 * removes the paths that are still on its list.
 */
const undertaker = `
while read -r sign what; do
  case $sign in
    +) set -- "$@" "$what" ;;
    -) for each; do shift; [ "$each" = "$what" ] || set -- "$@" "$each"; done ;;
  esac
done
for each; do case $each in /*) ;; *) kill -9 "$each" ;; esac; done
for each; do case $each in /*) rm -rf "$each" ;; esac; done`

/**
 * What must not outlive this process: pids and absolute paths.
 *
 * The end of a pipe is the one signal that also comes after SIGKILL, on every system, and inside
 * a Jest sandbox, where `process.on('exit')` never fires.
 */
class Leftovers {
  readonly #list = new Set<string>()
  #shell: ChildProcess | undefined

  add(what: number | string): void {
    this.#shell ??= this.#start()
    this.#list.add(String(what))
    this.#shell.stdin?.write(`+ ${what}\n`)
  }

  /** Call it as soon as the process is gone or the path removed: pids are used again. */
  remove(what: number | string): void {
    if (!this.#list.delete(String(what))) return
    this.#shell?.stdin?.write(`- ${what}\n`)
    if (this.#list.size > 0) return
    this.#shell?.stdin?.end()
    this.#shell = undefined
  }

  #start(): ChildProcess {
    // Detached, because an interrupt from the keyboard goes to the whole process group.
    const shell = spawn('/bin/sh', ['-c', undertaker, 'undertaker'], {
      cwd: '/',
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore'],
    })
    shell.on('error', () => {})
    shell.stdin.on('error', () => {})
    shell.unref()
    return shell
  }
}

/** The list of this process. */
export const leftovers: Leftovers = new Leftovers()
