/** What the simulator puts on servers of its own. Not for applications: it may change in any release. */
export type { ClusterDriver, NodeConnection } from './cluster-driver.ts'
export {
  ConfirmedLeases,
  type ConfirmParts,
  type ConfirmSettings,
} from './confirm/confirmed-leases.ts'
