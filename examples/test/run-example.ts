import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

const root = fileURLToPath(new URL('../..', import.meta.url))

/** Runs an example as a user would, to its end. */
export function runExample(file: string, args: readonly string[] = []): Promise<Ended> {
  const flags = ['--import', 'tsx', '--conditions=@locks/source']
  const child = spawn(process.execPath, [...flags, `examples/${file}`, ...args], { cwd: root })
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (part) => {
    stdout += part
  })
  child.stderr.on('data', (part) => {
    stderr += part
  })
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, stdout, stderr }))
  })
}
