import type { ListReply, ListRequest } from '@locks/core'
import { ScriptRunner } from '@locks/redis/parts'
import type { ClusterDriver } from './cluster-driver.ts'
import { nodeClient } from './routed-client.ts'

/** Page by page through the keys of one master after the other. */
export async function listAll(
  driver: ClusterDriver,
  { prefix, cursor }: ListRequest,
  list: (node: ScriptRunner, request: ListRequest) => Promise<ListReply> | undefined,
): Promise<ListReply> {
  const masters = [...driver.masters()].sort()
  const [address = masters[0] ?? '', within] = cursor?.split(' ') ?? []
  const next = masters.find((master) => master > address)
  // One that has failed or left meanwhile has handed its keys to others.
  if (!masters.includes(address))
    return next === undefined ? { keys: [] } : { keys: [], cursor: next }
  const node = new ScriptRunner(nodeClient(driver, address))
  const page = await list(node, { prefix, ...(within && { cursor: within }) })
  const { keys, cursor: rest } = page ?? { keys: [] }
  const follow = rest ? `${address} ${rest}` : next
  return { keys, ...(follow && { cursor: follow }) }
}
