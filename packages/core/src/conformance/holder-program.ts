import { type ChildProcess, spawn } from 'node:child_process'

/**
 * A program that calls `runHolder` with the adapter's store. It is started with a key, a token and a
 * TTL after `args`, and killed by its process id, so it must be the process itself and no wrapper.
 */
export interface HolderProgram {
  readonly command: string
  readonly args: readonly string[]
}

/** Starts the program; resolves when it says that it holds the lease. */
export async function startHolder(
  { command, args }: HolderProgram,
  lease: { readonly key: string; readonly token: string; readonly ttlMs: number },
): Promise<ChildProcess> {
  const own = [lease.key, lease.token, String(lease.ttlMs)]
  const child = spawn(command, [...args, ...own], { stdio: 'pipe' })
  let said = ''
  let complained = ''
  child.stderr.on('data', (chunk) => {
    complained += chunk
  })
  await new Promise<void>((resolve, reject) => {
    child.stdout.on('data', (chunk) => {
      said += chunk
      if (/^held\r?$/m.test(said)) resolve()
    })
    child.once('error', reject)
    child.once('close', (code, signal) => {
      reject(new Error(`the holder ended (${signal ?? code}) without "held": ${complained}`))
    })
  })
  return child
}

/** The process gets no chance to clean up. */
export function killHolder(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve()
    child.once('exit', () => resolve())
    child.kill('SIGKILL')
  })
}
