import type { AcquireRequest } from '@locks/core'
import type { SimClient } from '../fleet/sim-client.ts'
import type { ObservedCommand } from '../store/store-observer.ts'

/** What is known of an owner token. */
export interface TokenRecord {
  readonly command: ObservedCommand
  /** Longest TTL that a command with it has asked for. */
  ttlMs: number
  lastSentAtMs: number
  /** `queued`: it has a place in the store's queue, or has been pushed a grant. */
  state: 'asked' | 'queued' | 'held' | 'given up'
  givenUpAtMs: number
  /** When it was lost, if it has to be taken back later. */
  lostAtMs: number | undefined
  why: string
  /** Its client has to take it back. */
  undo: boolean
  /** An extend was answered too late to be believed. */
  late: boolean
  /** So long nobody may have it who has not lost it. */
  graceMs: number
  /** After a reconnect its waiter has to ask again by then. */
  askByMs: number
  /** Of its client, when it entered the queue. */
  reconnects: number
  /** Its last grant by a push that was heard; without one, by a reply. */
  push: { readonly atMs: number; readonly grantMs: number; heardAtMs: number } | undefined
  /** Its lease was granted or extended by a reply after that. */
  confirmed: boolean
  /** Who have tried to adopt it. */
  readonly adopters: Set<SimClient>
}

/** Of a token that `command`, an acquire or an adoption, is the first to carry. */
export function tokenRecord(command: ObservedCommand): TokenRecord {
  return {
    command,
    ttlMs: (command.request as AcquireRequest).ttlMs,
    lastSentAtMs: command.sentAtMs,
    state: 'asked',
    givenUpAtMs: Number.POSITIVE_INFINITY,
    lostAtMs: undefined,
    why: '',
    undo: false,
    late: false,
    graceMs: 0,
    askByMs: Number.POSITIVE_INFINITY,
    reconnects: command.client.reconnects,
    push: undefined,
    confirmed: false,
    adopters: new Set(),
  }
}
