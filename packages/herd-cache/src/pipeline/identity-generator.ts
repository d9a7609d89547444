import type { Name } from '@locks/core'

/**
 * Makes the store's key of an entry: two names have one key exactly if they mean one entry.
 *
 * A key is 1 to 206 printable ASCII characters without spaces. Loads elsewhere are told of by pushes
 * only for keys that begin with `<namespace>:c1:{`; for others a cache looks again when the load should
 * be over. On Redis Cluster a key needs braces around the part that chooses the slot.
 */
export interface IdentityGenerator {
  /** @throws InvalidArgumentError for a name that cannot be one. */
  identify(namespace: string, name: Name): string
}
