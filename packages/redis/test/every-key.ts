import type { LeaseStore, ListReply } from '../src/index.ts'

/** What is held under a prefix, all pages of it. */
export async function everyKey(store: LeaseStore, prefix: string): Promise<string[]> {
  const keys: string[] = []
  for (let cursor: string | undefined = '0'; cursor !== undefined; ) {
    const page: ListReply | undefined = await store.list?.({ prefix, cursor })
    keys.push(...(page?.keys ?? []))
    cursor = page?.cursor
  }
  return keys
}
