/** Resolves when client code has nothing left to do before the next event. */
export type Turn = () => Promise<void>

/**
 * Node looks at its tick queue again only when the microtask queue is empty. So this drains promise
 * chains of any length, where a fixed number of awaits would guess one; and costs 0.2 µs.
 */
export const tickTurn: Turn = () => new Promise((resolve) => process.nextTick(resolve))

/**
 * A full turn of the event loop, 0.8 µs. After it Node reports the rejections that nobody handles by
 * then: exactly those that would end a real process.
 */
export const loopTurn: Turn = () =>
  // biome-ignore lint/style/noRestrictedGlobals: the real event loop is what is meant
  new Promise((resolve) => setImmediate(resolve))
