/**
 * The Node versions that we support, as programs on this machine. The running Node stands for its
 * own major version; the others are ordinary npm packages that hold a `node` binary, fetched into
 * .cache/nodes when first needed: as dependencies they would cost every contributor 600 MB.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { mustRun, root } from './run.mjs'

const majors = [20, 22, 24]

/** `{ major, program }` for every supported Node. */
export async function supportedNodes() {
  const nodes = []
  for (const major of majors) nodes.push({ major, program: await nodeProgram(major) })
  return nodes
}

async function nodeProgram(major) {
  if (process.version.startsWith(`v${major}.`)) return process.execPath
  const folder = join(root, '.cache', 'nodes', String(major))
  const file = process.platform === 'win32' ? 'node.exe' : 'node'
  const program = join(folder, 'node_modules', binaryPackage(), 'bin', file)
  if (!existsSync(program)) await fetchNode(major, folder)
  return program
}

function binaryPackage() {
  const os = process.platform === 'win32' ? 'win' : process.platform
  const platform = `${os}-${process.arch}`
  return platform === 'darwin-arm64' ? `node-bin-${platform}` : `node-${platform}`
}

function fetchNode(major, folder) {
  const oldest = major === 20 ? '20.19' : major // `engines` begins at 20.19
  const wanted = `${binaryPackage()}@^${oldest}`
  const args = ['install', '--prefix', folder, '--no-save', '--no-audit', '--no-fund', wanted]
  return mustRun('npm', args, { shell: process.platform === 'win32' })
}
