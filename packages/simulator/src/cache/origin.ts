import type { SimClient } from '../fleet/sim-client.ts'

/** Where a value comes from: one run of a loader, or one call of `set`. */
export interface Origin {
  readonly id: number
  readonly kind: 'load' | 'set'
  readonly client: SimClient
  readonly key: string
  readonly tags: readonly string[]
  /** The value is as old as this, and no older. */
  readonly startedAtMs: number
  /** The loader has returned and its value is packed, or the `set` has resolved or rejected. */
  endedAtMs: number
  failed: boolean
  /** What is stored of it cannot be read. */
  garbage: boolean
  /** Owner token of the lease under which it runs; '' = none. */
  token: string
  /** When the stored value stops being fresh, real time; known once the store has it. */
  softEndMs: number
}

/** The value that stands for `origin` in the caches. */
export const valueFrom = ({ id }: Origin): { readonly origin: number } => ({ origin: id })

/** The origin's id in stored bytes, whatever is around it. */
export function originIn(data: Uint8Array): number {
  const match = /\{"origin":(\d+)\}/.exec(Buffer.from(data).toString('latin1'))
  return match ? Number(match[1]) : 0
}

/** Soft expiry in the head of a stored value, epoch ms. */
export const softExpiryIn = (data: Uint8Array): number => Buffer.from(data).readUIntBE(4, 6)

/** When its load began, epoch ms. */
export const startIn = (data: Uint8Array): number => Buffer.from(data).readUIntBE(10, 6)
