import assert from 'node:assert/strict'
import type { ListReply, ListRequest } from '../contract/lease-store.ts'

type List = (request: ListRequest) => Promise<ListReply>

/** The keys of all pages, each once, in order. `list` is a method of `store`. */
export async function walk(store: object, list: List | undefined, prefix: string) {
  const found = new Set<string>()
  const cursors = new Set<string>()
  let request: ListRequest | undefined = { prefix }
  while (request) {
    const reply: ListReply | undefined = await list?.call(store, request)
    for (const key of reply?.keys ?? []) found.add(key)
    const cursor: string | undefined = reply?.cursor
    assert.ok(!cursors.has(cursor ?? ''), 'the walk goes in a circle')
    cursors.add(cursor ?? '')
    request = cursor === undefined ? undefined : { prefix, cursor }
  }
  return [...found].sort()
}
