import type { Binary, ServerName } from './binary.ts'
import { cachedBinary } from './cached-binary.ts'
import { findExecutable } from './find-executable.ts'
import { type Host, thisHost } from './host.ts'
import { installPackage } from './install-package.ts'
import { probeBinary } from './probe-binary.ts'
import { serverPrograms } from './server-programs.ts'
import { unpackPackage } from './unpack-package.ts'

type Step = (name: ServerName, host: Host) => Promise<Binary>

const steps: Readonly<Record<string, Step>> = {
  PATH: (name, host) => fromPath(name, host, 'PATH'),
  'project cache': cachedBinary,
  'package download': unpackPackage,
  'package install': async (name, host) => {
    await installPackage(name, host)
    return fromPath(name, host, 'installed package')
  },
}

/**
 * Finds a server program, or brings it to this machine: explicit variable, PATH, project cache,
 * rootless package download, package install. Rejects with every step's reason when all fail; an
 * explicit variable that does not work is an error at once, since someone meant it.
 */
export async function resolveBinary(name: ServerName, host: Host = thisHost()): Promise<Binary> {
  const { variable } = serverPrograms[name]
  const explicit = host.env[variable]
  if (explicit) return fromVariable(name, variable, explicit)
  const reasons = [`${variable}: not set`]
  for (const [title, step] of Object.entries(steps)) {
    try {
      return await step(name, host)
    } catch (error) {
      reasons.push(`${title}: ${(error as Error).message}`)
    }
  }
  const list = reasons.map((reason) => `  - ${reason}`).join('\n')
  throw new Error(`${name} is needed and was not found.\n${list}\nTo fix it: ${remedy(name)}`)
}

async function fromVariable(name: ServerName, variable: string, command: string): Promise<Binary> {
  try {
    return await probeBinary(name, command, {}, variable)
  } catch (error) {
    const { message } = error as Error
    throw new Error(`${variable}=${command} cannot be used: ${message}`, { cause: error })
  }
}

async function fromPath(name: ServerName, host: Host, origin: string): Promise<Binary> {
  const { commands } = serverPrograms[name]
  const command = await findExecutable(commands, host)
  if (command === undefined) throw new Error(`no ${commands.join(' or ')} there`)
  return probeBinary(name, command, {}, origin)
}

function remedy(name: ServerName): string {
  const brew = name === 'redis-server' ? 'redis' : name
  return process.platform === 'darwin'
    ? `brew install ${brew}`
    : `sudo apt-get update && sudo apt-get install -y ${name}`
}
