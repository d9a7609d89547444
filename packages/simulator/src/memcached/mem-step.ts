import type { ObservedCommand } from '../store/store-observer.ts'
import type { MemItem } from './mem-item.ts'

/** One command of the server, executed for a command of the store. */
export interface MemStep {
  readonly command: ObservedCommand
  readonly verb: 'get' | 'add' | 'compareAndSet' | 'compareAndDelete' | 'set' | 'delete'
  readonly key: string
  /** By its client. */
  readonly sentAtMs: number
  readonly before: MemItem | undefined
  readonly after: MemItem | undefined
}
