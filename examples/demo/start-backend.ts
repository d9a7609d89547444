import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

export interface Backend {
  readonly url: string
  /** How many reports were made since this was last asked. */
  takeLoads(): Promise<number>
  stop(): void
}

/** Starts the slow backend in a process of its own, so that callers and backend do not share a CPU turn. */
export async function startBackend(): Promise<Backend> {
  const child = fork(fileURLToPath(new URL('./backend.ts', import.meta.url)))
  const [{ port }] = (await once(child, 'message')) as [{ port: number }]
  return {
    url: `http://127.0.0.1:${port}/`,
    async takeLoads() {
      child.send('loads?')
      const [{ loads }] = (await once(child, 'message')) as [{ loads: number }]
      return loads
    },
    stop: () => child.disconnect(),
  }
}
