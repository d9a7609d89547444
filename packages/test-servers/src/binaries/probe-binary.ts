import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { Binary, ServerName } from './binary.ts'
import { serverPrograms } from './server-programs.ts'

const execute = promisify(execFile)

/**
 * Asks the program for its version, which proves that it is the right one and that it finds its
 * libraries: an executable that cannot start must not end the search.
 */
export async function probeBinary(
  name: ServerName,
  command: string,
  env: Readonly<Record<string, string>>,
  origin: string,
): Promise<Binary> {
  const { versionFlag, signature } = serverPrograms[name]
  const said = await versionLine(command, versionFlag, env)
  const version = said.match(/\d+\.\d+(\.\d+)?/)?.[0]
  if (version === undefined || !signature.test(said)) throw new Error(`${command} is not ${name}`)
  return { name, command, env, version, origin }
}

async function versionLine(
  command: string,
  flag: string,
  env: Readonly<Record<string, string>>,
): Promise<string> {
  try {
    const options = { env: { ...process.env, ...env }, timeout: 10_000 }
    const running = execute(command, [flag], options)
    // A program that is not what we think may wait for input instead of answering.
    running.child.stdin?.end()
    return (await running).stdout
  } catch (error) {
    const { stderr, message } = error as Error & { stderr?: string }
    throw new Error(`${command} does not run: ${stderr?.trim() || message}`, { cause: error })
  }
}
