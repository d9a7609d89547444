import type { Asked, Kind, Outcome } from './calls.ts'

/** One operation of one process, on the clock that all processes of the run share. */
export type Operation<K extends Kind = Kind> = {
  [Each in K]: {
    readonly kind: Each
    readonly process: string
    readonly asked: Asked<Each>
    readonly invokedMs: number
    /** Infinity = it never ended: its process died, or the run was over. */
    readonly completedMs: number
    /** Absent = it never ended. */
    readonly outcome: Outcome<Each> | undefined
  }
}[K]
