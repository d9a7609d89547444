import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The repository's folder. */
export const root = fileURLToPath(new URL('../../', import.meta.url))

/**
 * Runs a program and resolves to its exit code. Its output passes through, or is kept back and
 * shown only if it fails (`quiet`).
 */
export function run(program, args, { cwd = root, env = {}, shell = false, quiet = false } = {}) {
  const child = spawn(program, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: quiet ? ['ignore', 'pipe', 'pipe'] : 'inherit',
    shell,
  })
  const output = []
  child.stdout?.on('data', (chunk) => output.push(chunk))
  child.stderr?.on('data', (chunk) => output.push(chunk))
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => {
      if (code !== 0) process.stderr.write(Buffer.concat(output))
      resolve(code ?? 1)
    })
  })
}

/** Like `run`, for programs without which there is no point in going on. */
export async function mustRun(program, args, options) {
  const code = await run(program, args, options)
  if (code !== 0) throw new Error(`exit code ${code}: ${program} ${args.join(' ')}`)
}

/** Runs a script's main function; of an error only the message is for its user. */
export async function reported(main) {
  try {
    await main()
  } catch (error) {
    console.error(error.message)
    process.exitCode = 1
  }
}

/** pnpm itself; on Windows it is a `.cmd` file, which only a shell can start. */
export function pnpm(args, options) {
  return mustRun('pnpm', args, { ...options, shell: process.platform === 'win32' })
}

/**
 * The script behind a root devDependency's command. Started as `node <file>` it needs neither PATH
 * nor a shell, and runs under whichever Node runs us.
 */
export function bin(packageName, command = packageName.split('/').pop()) {
  const folder = join(root, 'node_modules', packageName)
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const file = typeof manifest.bin === 'string' ? manifest.bin : manifest.bin[command]
  return join(folder, file)
}
