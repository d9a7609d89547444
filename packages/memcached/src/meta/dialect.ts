import type { TextWrite } from '../memcached-transport.ts'
import type { WireReply } from './reply-parser.ts'

/** Stands for a reply that the command does not have: whoever answers is out of step, or no memcached. */
export const UNEXPECTED = Symbol('unexpected')

/** A command and what its reply means. */
export interface Command<Result> {
  readonly text: string
  read(reply: WireReply): Result | typeof UNEXPECTED
}

export interface Item {
  readonly value: string
  readonly cas: string
  readonly remainingMs?: number
}

/** What was stored, with its id where the reply tells it. */
export interface Stored {
  readonly cas?: string
}

/** The commands of one protocol. Ids are decimal, at most 2⁶⁴−1. */
export interface Dialect {
  readonly name: 'meta' | 'text'
  get(key: string): Command<Item | undefined>
  add(write: TextWrite): Command<Stored | undefined>
  compareAndSet(write: TextWrite, cas: string): Command<Stored | undefined>
  compareAndDelete(key: string, cas: string): Command<boolean>
  set(write: TextWrite): Command<unknown>
  delete(key: string): Command<boolean>
}

/** Reads replies of one word. */
export function oneWord<Result>(
  meanings: Readonly<Record<string, Result>>,
): Command<Result>['read'] {
  const byWord = new Map(Object.entries(meanings))
  return ({ words: [word = ''] }) => (byWord.has(word) ? (byWord.get(word) as Result) : UNEXPECTED)
}
