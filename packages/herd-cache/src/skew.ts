/** How far apart two processes may be in what they take for the store's time. */
export const SKEW_MS = 250
