import { expect, test } from '@jest/globals'
import { PRODUCTION } from '../src/run/production.ts'
import { runSchedule } from '../src/run/run-schedule.ts'

const FOUND: readonly [number, string][] = [
  [10355733, 'a check was wrong'],
  [10733782, 'a check was wrong'],
  [10737598, 'a lock was adopted that its own process had stolen meanwhile'],
  [30055220, 'a renewal that failed put off the end that was due'],
  [30084350, 'a lock in doubt was given back for the TTL of its adopter, and had a longer one'],
  [30210118, 'who was deposed and has not heard of it may hand on'],
  [30262411, 'an election was repeated behind a delete'],
  [30603587, 'the timer of a deadline runs a little early'],
  [30699525, 'the timer of a deadline runs a little early'],
  [42386634, 'an extend was answered when its lease was lost, and kept it for nobody'],
  [50288406, 'a push was dated by two servers whose clocks differ'],
  [50659050, 'a check took the loss of one lease for that of its successor'],
  [60263466, 'a check took the loss of one client for the release of another'],
  [50898397, 'a load may outlast its callers, and be joined'],
  [50039875, 'who is elected may be paused for long before it loads'],
  [61324786, 'a waiter that is told of another way of sharing waits no more'],
  [67533014, 'a check took the second try to take a lock back for the first'],
  [66439569, 'an election in doubt was confirmed, and repeated behind a delete'],
  [80634198, 'a place in the queue that a failover had brought back was granted after its end'],
  [80537526, 'a check took the third try to take a lock back for the first'],
  [80720318, 'late news of a theft ended what its victim had been granted since'],
  [90026510, 'an extend that overtook an acquire told that its node had nothing'],
  [91828245, 'who cannot remove what it has to remove before does not give an election up'],
  [92395979, 'an election behind a breaker that opens is not given up'],
  [100031223, 'an election without an answer was repeated when nobody wanted it any more'],
  [110550019, 'who could not ask for tags looks once, before it waits for others'],
  [60937934, 'a node that refused an acquire as late had run it before'],
]

test.each(FOUND)('seed %i violates nothing any more: %s', async (seed) => {
  const tested = { subject: PRODUCTION, bug: undefined, readable: true }
  const { violation } = await runSchedule({ ...tested, seed })
  expect(violation).toBeUndefined()
})
