import type { Backend } from './options.ts'

export interface WorkerSettings {
  readonly backend: Backend
  /** Of the server; 0 where there is none. */
  readonly port: number
  readonly roundMs: number
  readonly leak: boolean
}
