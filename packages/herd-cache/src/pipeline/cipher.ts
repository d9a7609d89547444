import type { IdentityGenerator } from './identity-generator.ts'

/** Keeps values secret from whoever can read the store, and refuses what others wrote to it. */
export interface Cipher {
  /** What keys a cache makes that is given no `identity`; without it, readable ones. */
  readonly identity?: IdentityGenerator
  /** What `decrypt` alone turns back; `associated` is vouched for and not stored with it. */
  encrypt(data: Uint8Array, associated: Uint8Array): Uint8Array | PromiseLike<Uint8Array>
  /** @throws anything unless it was encrypted with a known key, for these `associated` bytes. */
  decrypt(data: Uint8Array, associated: Uint8Array): Uint8Array | PromiseLike<Uint8Array>
}
