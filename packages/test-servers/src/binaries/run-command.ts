import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { findExecutable } from './find-executable.ts'
import type { Host } from './host.ts'

const execute = promisify(execFile)

// Without it a machine that cannot reach its package mirror would look hung.
const patienceMs = 120_000

/** Runs a system command and gives its output; rejects with its last complaint. */
export async function runCommand(
  host: Host,
  command: string,
  args: readonly string[],
  options: { cwd?: string; env?: Record<string, string> } = {},
): Promise<string> {
  const file = await findExecutable([command], host)
  if (file === undefined) throw new Error(`${command} is not on PATH`)
  try {
    const { stdout } = await execute(file, args, {
      ...(options.cwd !== undefined && { cwd: options.cwd }),
      env: { ...host.env, LC_ALL: 'C', ...options.env },
      maxBuffer: 2 ** 26,
      timeout: patienceMs,
      killSignal: 'SIGKILL',
    })
    return stdout
  } catch (error) {
    throw new Error(`${command} failed: ${complaint(error)}`, { cause: error })
  }
}

function complaint(error: unknown): string {
  const { stderr, killed, code } = error as { stderr?: string; killed?: boolean; code?: unknown }
  if (killed) return `no end after ${patienceMs / 1000} s`
  const lines = (stderr ?? '').trim().split('\n').filter(Boolean)
  return lines.findLast((line) => line.startsWith('E:')) ?? lines.at(-1) ?? `exit code ${code}`
}
