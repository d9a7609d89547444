import { rm, writeFile } from 'node:fs/promises'
import { leftovers } from '../processes/leftovers.ts'
import type { Host } from './host.ts'
import { runCommand } from './run-command.ts'

/** Installs a Debian package for the whole machine, without starting the service it brings. */
export async function installPackage(name: string, host: Host): Promise<void> {
  if (!host.root) throw new Error('needs root')
  const install = ['install', '-y', '--no-install-recommends', name]
  const env = { DEBIAN_FRONTEND: 'noninteractive' }
  const allowServices = await forbidServices(host.servicePolicyFile)
  try {
    await runCommand(host, 'apt-get', install, { env }).catch(async () => {
      await runCommand(host, 'apt-get', ['update'])
      await runCommand(host, 'apt-get', install, { env })
    })
  } finally {
    await allowServices()
  }
}

/** Denies every service start until the returned function is called. */
async function forbidServices(policyFile: string): Promise<() => Promise<void>> {
  try {
    await writeFile(policyFile, '#!/bin/sh\nexit 101\n', { mode: 0o755, flag: 'wx' })
  } catch (error) {
    if ((error as { code?: string }).code !== 'EEXIST') throw error
    // The machine has its own policy, as container images do: it is not ours to change.
    return async () => {}
  }
  // Should this process die now, the machine must not be left unable to start services.
  leftovers.add(policyFile)
  return async () => {
    await rm(policyFile, { force: true })
    leftovers.remove(policyFile)
  }
}
