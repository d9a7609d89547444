import { describe } from '@jest/globals'
import type { LeaseStore } from '../src/contract/lease-store.ts'
import { exclusionRules } from './lock-manager/exclusion-rules.ts'
import { runOn } from './lock-manager/manager-room.ts'
import { requestRules } from './lock-manager/request-rules.ts'
import { stealRules } from './lock-manager/steal-rules.ts'

/** The rules of the Web Locks API; `create` makes a store over the same locks each time. */
export function lockManagerRules(title: string, create: () => LeaseStore): void {
  const run = runOn(create)
  describe(title, () => {
    requestRules(run)
    exclusionRules(run)
    stealRules(run)
  })
}
