import type { Bug } from './bug.ts'
import { aloneBugs } from './cache/alone-bugs.ts'
import { expireBugs } from './cache/expire-bugs.ts'
import { expiryBugs } from './cache/expiry-bugs.ts'
import { loadBugs } from './cache/load-bugs.ts'
import { outageBugs } from './cache/outage-bugs.ts'
import { packBugs } from './cache/pack-bugs.ts'
import { signalBugs } from './cache/signal-bugs.ts'
import { stepBugs } from './cache/step-bugs.ts'
import { tagBugs } from './cache/tag-bugs.ts'
import { valueBugs } from './cache/value-bugs.ts'
import { cohortBugs } from './cohort/cohort-bugs.ts'
import { electionBugs } from './elections/election-bugs.ts'
import { failoverBugs } from './failover/failover-bugs.ts'
import { endBugs } from './locks/end-bugs.ts'
import { extendBugs } from './locks/extend-bugs.ts'
import { grantBugs } from './locks/grant-bugs.ts'
import { handoverBugs } from './locks/handover-bugs.ts'
import { lineBugs } from './locks/line-bugs.ts'
import { lostQueueBugs } from './locks/lost-queue-bugs.ts'
import { queueBugs } from './locks/queue-bugs.ts'
import { queueStepBugs } from './locks/queue-step-bugs.ts'
import { renewalBugs } from './locks/renewal-bugs.ts'
import { sharingBugs } from './locks/sharing-bugs.ts'
import { storeBugs } from './locks/store-bugs.ts'
import { theftBugs } from './locks/theft-bugs.ts'
import { undoBugs } from './locks/undo-bugs.ts'
import { waitBugs } from './locks/wait-bugs.ts'
import { casCacheBugs } from './memcached/cas-cache-bugs.ts'
import { casLeaseBugs } from './memcached/cas-lease-bugs.ts'
import { ttlBugs } from './memcached/ttl-bugs.ts'
import { nearBugs } from './near/near-bugs.ts'
import { optimisticBugs } from './optimistic/optimistic-bugs.ts'
import { quorumBugs } from './quorum/quorum-bugs.ts'
import { setBugs } from './sets/set-bugs.ts'
import { streamBugs } from './streams/stream-bugs.ts'

/** Every bug that the checks have to find. */
export const ALL_BUGS: readonly Bug[] = [
  ...grantBugs,
  ...extendBugs,
  ...renewalBugs,
  ...endBugs,
  ...handoverBugs,
  ...undoBugs,
  ...theftBugs,
  ...storeBugs,
  ...waitBugs,
  ...lineBugs,
  ...queueBugs,
  ...lostQueueBugs,
  ...queueStepBugs,
  ...sharingBugs,
  ...cohortBugs,
  ...electionBugs,
  ...setBugs,
  ...loadBugs,
  ...aloneBugs,
  ...packBugs,
  ...valueBugs,
  ...expireBugs,
  ...expiryBugs,
  ...outageBugs,
  ...tagBugs,
  ...signalBugs,
  ...stepBugs,
  ...quorumBugs,
  ...failoverBugs,
  ...optimisticBugs,
  ...streamBugs,
  ...ttlBugs,
  ...casLeaseBugs,
  ...casCacheBugs,
  ...nearBugs,
]
