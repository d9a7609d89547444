/** An open ear to a store; a store keeps a connection for it only while one is open. */
export interface Subscription {
  /** Resolves when nothing can be missed any more; rejects when that will not be. */
  readonly ready: Promise<void>
  /** Ends it, ready or not. */
  close(): Promise<void>
}
