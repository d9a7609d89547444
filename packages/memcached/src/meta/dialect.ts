import type { TextEntry, TextStored, TextWrite } from '../memcached-transport.ts'
import { firstWord, type WireReply } from './reply-parser.ts'

/** An id, and the connection that told it: the ids of a server that was restarted begin anew. */
export interface MetaVersion {
  readonly connection: symbol
  readonly cas: string
}

/** Stands for a reply that the command does not have: whoever answers is out of step, or no memcached. */
export const UNEXPECTED = Symbol('unexpected')

/** A command and what its reply means, on the connection that it came on. */
export interface Command<Result> {
  readonly text: string
  read(reply: WireReply, connection: symbol): Result | typeof UNEXPECTED
}

/** What an entry was replaced or made with, with its id where the reply tells it. */
export type Stored = TextStored<MetaVersion>
export type Item = TextEntry<MetaVersion>

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
  return ({ line }) => {
    const word = firstWord(line)
    return byWord.has(word) ? (byWord.get(word) as Result) : UNEXPECTED
  }
}
