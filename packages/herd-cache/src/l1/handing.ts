import type { NearMode } from './near-options.ts'

/** Gives a kept value to whoever asks. */
export type Handing = () => Promise<unknown>

/** How `value` is given; `undefined` when the mode cannot keep what it promises for it. */
export function handing(value: unknown, mode: NearMode): Handing | undefined {
  if (mode === 'clone') return cloning(value)
  if (mode === 'freeze' && !freeze(value)) return undefined
  const given = Promise.resolve(value)
  return () => given
}

function cloning(value: unknown): Handing | undefined {
  try {
    const own = structuredClone(value)
    return async () => structuredClone(own)
  } catch {
    return undefined
  }
}

/** Whether all of it could be frozen: what is inside a Map, a Date or bytes stays changeable. */
function freeze(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return typeof value !== 'function'
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== Array.prototype && prototype !== null)
    return false
  if (Object.isFrozen(value)) return true
  const isWhole = Object.values(value).every(freeze)
  return isWhole && Object.isFrozen(Object.freeze(value))
}
