import type { MemItem } from './mem-item.ts'

/** The owner token of a lease that memcached keeps. */
export function leaseToken(item: MemItem | undefined): string | undefined {
  const text = item && Buffer.from(item.value, 'base64').toString('latin1')
  return text && /^(\S+) \d+$/.exec(text)?.[1]
}
