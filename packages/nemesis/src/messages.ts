import type { LockGrant } from '@locks/core'
import type { ChaosFault } from '@locks/core/testing'

/** What a resource contains: once guarded by the fence too, once by the lock alone. */
export interface Contents {
  readonly fenced: number
  /** Begun anew from time to time, under another name. */
  readonly set: { readonly name: string; readonly elements: readonly string[] }
  readonly unfenced: number
}

/** What a worker asks the resource that a lock guards. */
export interface Question {
  readonly lock: string
  readonly fence?: number | undefined
  /** What is to be written back, if anything: what has been read, and the element to add. */
  readonly write?: { readonly base: Contents; readonly element: string }
}

/** `undefined` = refused for the fence. */
export type Answer = Contents | undefined

/** From a worker to the coordinator. */
export type Report =
  | { readonly is: 'ready'; readonly worker: string }
  | { readonly is: 'question'; readonly id: number; readonly question: Question }
  /** It holds a lock, and means to for so long. */
  | { readonly is: 'holds'; readonly lock: string; readonly token: string; readonly forMs: number }
  | { readonly is: 'parts'; readonly token: string }
  /** A lock for some other worker to adopt. */
  | { readonly is: 'hands-over'; readonly grant: LockGrant; readonly lock: string }
  /** Something that no user of the library should ever see. */
  | { readonly is: 'surprised'; readonly by: string }
  /** What its process weighs by now. */
  | { readonly is: 'weighs'; readonly residentMb: number; readonly heapMb: number }
  | { readonly is: 'done' }

/** From the coordinator to a worker. */
export type Order =
  | { readonly do: 'answer'; readonly id: number; readonly answer: Answer }
  | { readonly do: 'adopt'; readonly grant: LockGrant; readonly lock: string }
  | { readonly do: 'shift-clock'; readonly ms: number }
  | { readonly do: 'block'; readonly ms: number }
  /** Of the memory store only: what befalls calls by this chance. */
  | { readonly do: 'chaos'; readonly fault: ChaosFault; readonly probability: number }
  | { readonly do: 'calm' }
  | { readonly do: 'stop' }
