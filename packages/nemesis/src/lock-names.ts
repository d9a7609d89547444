/** The locks that one holds at a time, and that guard something. */
export const EXCLUSIVE = ['a', 'b', 'c'] as const

/** As these, on a cluster, where replicas confirm them. */
export const CONFIRMED = ['confirmed-a', 'confirmed-b'] as const

/** Counters of which this is the beginning are guarded by comparison. */
export const OPTIMISTIC = 'optimistic '
