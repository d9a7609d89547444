/** Whom an event happens to. A client that is paused or has crashed does not admit it. */
export interface EventTarget {
  readonly id: number
  /** `false` = not now: the target keeps the event for later, or drops it for good. */
  admits(event: SimEvent): boolean
}

export interface SimEvent {
  readonly atMs: number
  /** Of planning; decides between events of the same time. */
  readonly order: number
  readonly what: string
  /** Absent: it happens to the world, and no client code runs. */
  readonly target: EventTarget | undefined
  cancelled: boolean
  readonly run: () => void
}
