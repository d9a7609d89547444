import type { Dice } from './time/dice.ts'

/** What may go wrong in one schedule. Chances are per command, counts per client or schedule. */
export interface Faults {
  /** A command or its reply takes up to one and a half store timeouts. */
  readonly slow: number
  readonly loseRequest: number
  readonly loseReply: number
  /** Sent, queued somewhere, executed long after its caller has given up. */
  readonly late: number
  /**
   * Executed twice, as clients cause it that send again after a lost connection; the last reply counts.
   * No copy runs after its reply has come: nobody sends again what was answered.
   */
  readonly resend: number
  /** The connection breaks: an error at once, while the command may or may not run. */
  readonly reset: number
  readonly pausesMax: number
  readonly crash: number
  readonly wallJumpsMax: number
  readonly outagesMax: number
  /** Largest deviation of a client's clock rate from the server's. */
  readonly drift: number
  /** Timers fire up to this much late. Node's also fire up to 1 ms early. */
  readonly timerLateMs: number
  readonly timerEarlyMs: number
  /** Commands of one client overtake each other, as on a pool of connections. */
  readonly reorders: boolean
  /** Pushes that never arrive, arrive after up to several seconds, or arrive again. */
  readonly losePush: number
  readonly latePush: number
  readonly repeatPush: number
  readonly subscribeSlow: number
  readonly subscribeFails: number
  /** How often the connection that pushes come on breaks. */
  readonly dropsMax: number
  /** Everyday delay of one way, at most. */
  readonly latencyMs: number
  /** Everybody is idle for this long in between; clocks drift apart meanwhile. */
  readonly idleMs: number
  /** The store loses who waits for its locks. */
  readonly lostQueues: number
}

export const NO_FAULTS: Faults = {
  slow: 0,
  loseRequest: 0,
  loseReply: 0,
  late: 0,
  resend: 0,
  reset: 0,
  pausesMax: 0,
  crash: 0,
  wallJumpsMax: 0,
  outagesMax: 0,
  drift: 0,
  timerLateMs: 1,
  timerEarlyMs: 0,
  reorders: false,
  losePush: 0,
  latePush: 0,
  repeatPush: 0,
  subscribeSlow: 0,
  subscribeFails: 0,
  dropsMax: 0,
  latencyMs: 4,
  idleMs: 0,
  lostQueues: 0,
}

/**
 * Each schedule gets a random half of the faults: some bugs show only while others stay away.
 * `forced` comes on top.
 */
export function swarm(dice: Dice, forced: Partial<Faults>): Faults {
  const rate = () => (dice.chance(0.5) ? dice.between(0.02, 0.25) : 0)
  const some = <T>(value: T, none: T) => (dice.chance(0.5) ? value : none)
  return {
    slow: rate(),
    loseRequest: rate(),
    loseReply: rate(),
    late: rate(),
    resend: rate(),
    reset: rate(),
    pausesMax: some(2, 0),
    crash: some(0.2, 0),
    wallJumpsMax: some(2, 0),
    outagesMax: dice.chance(0.25) ? 2 : 0,
    drift: some(0.005, 0),
    timerLateMs: some(20, 1),
    timerEarlyMs: some(1, 0),
    reorders: dice.chance(0.5),
    losePush: rate(),
    latePush: rate(),
    repeatPush: rate(),
    subscribeSlow: rate(),
    subscribeFails: rate(),
    dropsMax: some(2, 0),
    latencyMs: dice.pick([1, 4, 15]),
    idleMs: dice.chance(0.1) ? dice.spread(10_000, 3_600_000) : 0,
    lostQueues: 0.25,
    ...forced,
  }
}
