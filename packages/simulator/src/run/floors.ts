/**
 * How often each of these happens in 1000 schedules at least. A run with less has tested little, and
 * counts as failed. About half of what is usual.
 */
const FLOORS: Readonly<Record<string, number>> = {
  grants: 600,
  'quorum grants': 90,
  'quorum extends': 40,
  'grants reader': 90,
  'grants writer': 50,
  'grants permit': 160,
  'acquire mismatch': 13,
  'acquire held': 1500,
  'acquire ambiguous': 320,
  'acquire late': 120,
  'extend extended': 400,
  'extend ambiguous': 70,
  'extend late': 20,
  'release ambiguous': 350,
  'cool-downs': 20,
  adoptions: 50,
  pushes: 70,
  terms: 200,
  sets: 100,
  'changes set': 300,
  'changes CONFLICT': 70,
  'compareAndSet ambiguous': 110,
  'refused sets LockTimeoutError': 5,
  'leave left': 100,
  thefts: 40,
  'thefts heard held': 1,
  'thefts heard early': 0.3,
  signals: 100,
  'fault lost push': 20,
  'fault late push': 20,
  'fault repeated push': 20,
  'fault slow subscription': 25,
  loads: 900,
  'lease won': 600,
  'lease lost': 500,
  'lease ambiguous': 300,
  packed: 300,
  'packed failed': 15,
  'packed garbage': 20,
  'commit false': 100,
  'commit ambiguous': 30,
  invalidations: 300,
  'invalidations failed': 40,
  clears: 60,
  evictions: 4,
  remove: 250,
  'streams read': 400,
  'streams commit true': 35,
  'streams evicted': 20,
  'write written': 120,
  'fault while holding crash': 8,
  'fault while holding late': 90,
  'fault while holding loseReply': 90,
  'fault while holding loseRequest': 90,
  'fault while holding outage': 30,
  'fault while holding pause': 60,
  'fault while holding resend': 90,
  'fault while holding reset': 90,
  'fault while holding slow': 90,
  'fault while holding wall jump': 60,
}

/** What a run of `schedules` has too little of. */
export function unmetFloors(counts: Readonly<Record<string, number>>, schedules: number): string[] {
  return Object.entries(FLOORS)
    .map(([what, floor]) => ({ what, floor: Math.floor((floor * schedules) / 1000) }))
    .filter(({ what, floor }) => (counts[what] ?? 0) < floor)
    .map(({ what, floor }) => `${what}: ${counts[what] ?? 0} instead of ${floor}`)
}
