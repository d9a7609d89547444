import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'

const root = join(import.meta.dirname, '../../..')
const main = join(root, 'packages/simulator/src/main.ts')
const run = promisify(execFile)

export interface SimRun {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** `pnpm sim` with these arguments, in a process of its own: Jest's module layer would halve its speed. */
export async function runSim(...args: string[]): Promise<SimRun> {
  const node = ['--import', 'tsx', '--conditions=@locks/source', main, ...args]
  const options = { cwd: root, maxBuffer: 100_000_000 }
  try {
    return { code: 0, ...(await run(process.execPath, node, options)) }
  } catch (error) {
    const { code, stdout = '', stderr = '' } = error as Partial<SimRun>
    if (typeof code !== 'number') throw error
    return { code, stdout, stderr }
  }
}
