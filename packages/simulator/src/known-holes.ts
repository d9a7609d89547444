/**
 * What the simulator has found in production code and what is not closed yet. While an entry is `true`
 * the schedules or checks step around that hole, so that they still find everything else; `pnpm sim
 * --holes` shows it. Whoever closes a hole deletes its entry and what depends on it.
 */
export interface Holes {
  /**
   * `StoreClock` keeps what a reply once told for ever, although clocks drift apart: after a long idle
   * time, commands are refused in time, or no longer refused when late.
   */
  readonly agedStoreClock: boolean
  /**
   * A client sends an acquire again; the first copy is granted, the second one comes late. `attempt`
   * takes "late" for "nothing has happened", and the lock stays held by nobody until its TTL ends.
   */
  readonly lateAfterGrant: boolean
  /**
   * A client sends an acquire again; the undo releases what the first copy was granted and stops, and
   * then the second copy is granted.
   */
  readonly grantAfterUndo: boolean
  /**
   * An extend fails at once, because the connection broke, and is executed all the same: after a later
   * extend to a longer ttl, and before the client's deadline for it. The store then counts the shorter
   * ttl, and the holder believes the longer one. Only an extend that shortens the lease is expected to
   * do that.
   */
  readonly extendOvertaken: boolean
  /**
   * An extend that shortens the lease has no answer: until the shorter end, which no extend can move any
   * more, renewals follow one another without a pause.
   */
  readonly renewalStorm: boolean
  /**
   * A load is stored without an answer, and its process tells all who wait for it "not stored": each
   * of them runs the loader.
   */
  readonly notStoredHerd: boolean
}

export const KNOWN_HOLES: Holes = {
  agedStoreClock: false,
  lateAfterGrant: false,
  grantAfterUndo: false,
  extendOvertaken: false,
  renewalStorm: false,
  notStoredHerd: false,
}

export const NO_HOLES: Holes = {
  agedStoreClock: false,
  lateAfterGrant: false,
  grantAfterUndo: false,
  extendOvertaken: false,
  renewalStorm: false,
  notStoredHerd: false,
}
