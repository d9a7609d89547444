/** What one process has at a moment when it has nothing to do. */
export interface Sample {
  readonly atMs: number
  /** Jobs done so far. */
  readonly jobs: number
  /** Bytes of live objects, after a collection. */
  readonly heap: number
  /** Bytes of buffers. */
  readonly buffers: number
  /** Sockets, timers and whatever else keeps the event loop busy. */
  readonly resources: number
  /** On the process, on the clients, and on the signal that all jobs share. */
  readonly listeners: number
  /** Locks that are held or waited for, as the library itself counts them. */
  readonly entries: number
}

export type Measure = Exclude<keyof Sample, 'atMs' | 'jobs'>
