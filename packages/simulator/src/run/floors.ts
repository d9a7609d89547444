/** Of fewer schedules chance alone decides what they see: much of it comes in bursts. */
const FLOORED_FROM = 20_000

/**
 * How often each of these happens in 1000 schedules at least. A run with less has tested little, and
 * counts as failed. About half of what is usual, of rare things less: from `FLOORED_FROM` on nearly five
 * standard deviations away from it.
 */
const FLOORS: Readonly<Record<string, number>> = {
  grants: 380,
  'memcached grants': 30,
  'memcached acquire held': 40,
  'memcached release taken': 80,
  'fault restart': 10,
  'fault eviction': 5,
  'quorum grants': 30,
  'quorum extends': 11,
  'failover grants plain': 6,
  'failover grants confirmed': 20,
  'failover extends confirmed': 6,
  'failover forgets confirmed': 0.05,
  'grants reader': 30,
  'grants writer': 20,
  'grants permit': 70,
  'acquire mismatch': 3,
  'acquire held': 600,
  'acquire ambiguous': 150,
  'acquire late': 60,
  'extend extended': 400,
  'extend ambiguous': 30,
  'extend late': 20,
  'release ambiguous': 120,
  'cool-downs': 14,
  adoptions: 20,
  pushes: 50,
  'passed on': 4,
  'uses after release': 5,
  terms: 190,
  sets: 60,
  'changes set': 140,
  'changes CONFLICT': 20,
  'compareAndSet ambiguous': 90,
  'refused sets LockTimeoutError': 2,
  'leave left': 30,
  thefts: 13,
  'thefts heard held': 0.05,
  'thefts heard early': 0.05,
  signals: 60,
  'fault lost push': 13,
  'fault lost queue': 0.4,
  'fault late push': 12,
  'fault repeated push': 12,
  'fault slow subscription': 17,
  loads: 410,
  'lease won': 230,
  'lease lost': 100,
  'lease ambiguous': 70,
  'breaker open': 20,
  'breaker closed': 10,
  replays: 10,
  packed: 70,
  'packed failed': 3,
  'packed garbage': 5,
  'commit false': 20,
  'commit ambiguous': 15,
  invalidations: 110,
  'invalidations failed': 17,
  clears: 19,
  evictions: 0.3,
  remove: 220,
  'near hits': 8,
  'near clears': 8,
  'near misses': 220,
  'near heard': 130,
  'near changes': 50,
  'streams read': 90,
  'streams commit true': 7,
  'streams evicted': 10,
  'write written': 20,
  'fault while holding crash': 6,
  'fault while holding late': 30,
  'fault while holding loseReply': 30,
  'fault while holding loseRequest': 40,
  'fault while holding outage': 16,
  'fault while holding pause': 30,
  'fault while holding resend': 40,
  'fault while holding reset': 40,
  'fault while holding slow': 40,
  'fault while holding wall jump': 30,
}

/** What a run of `schedules` has too little of; of a short run nothing. */
export function unmetFloors(counts: Readonly<Record<string, number>>, schedules: number): string[] {
  if (schedules < FLOORED_FROM) return []
  return Object.entries(FLOORS)
    .map(([what, floor]) => ({ what, floor: Math.floor((floor * schedules) / 1000) }))
    .filter(({ what, floor }) => (counts[what] ?? 0) < floor)
    .map(({ what, floor }) => `${what}: ${counts[what] ?? 0} instead of ${floor}`)
}
