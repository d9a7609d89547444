import { setTimeout as sleep } from 'node:timers/promises'
import { RespConnection } from '../protocols/resp-connection.ts'

const slotCount = 16_384
const joinedWithinMs = 150_000

/** A fresh server in cluster mode and the part it shall play. */
export interface FutureNode {
  readonly port: number
  readonly role: 'master' | 'replica'
  readonly shard: number
}

interface Member extends FutureNode {
  readonly id: string
  readonly connection: RespConnection
}

/** Makes one cluster of fresh servers; resolves when all of them agree that it is complete. */
export async function joinCluster(nodes: readonly FutureNode[]): Promise<void> {
  const members = await Promise.all(nodes.map(toMember))
  try {
    const masters = members.filter(({ role }) => role === 'master')
    await Promise.all(members.map((member, index) => setUp(member, index + 1, masters.length)))
    await introduce(members)
    await until('the nodes know each other', members, (node) => knowsAll(node, members.length))
    await Promise.all(members.map((member) => follow(member, masters)))
    const replicas = members.length / masters.length - 1
    await until('the cluster is complete', members, (node) => isComplete(node, members, replicas))
  } finally {
    for (const { connection } of members) connection.close()
  }
}

async function toMember({ port, role, shard }: FutureNode): Promise<Member> {
  const connection = await RespConnection.open(port)
  return { port, role, shard, connection, id: String(await connection.call('CLUSTER', 'MYID')) }
}

async function setUp({ connection, role, shard }: Member, epoch: number, masters: number) {
  // Equal epochs would first have to be sorted out by the nodes themselves.
  await connection.call('CLUSTER', 'SET-CONFIG-EPOCH', epoch)
  if (role === 'replica') return
  const first = Math.ceil((shard * slotCount) / masters)
  const last = Math.ceil(((shard + 1) * slotCount) / masters)
  const slots = Array.from({ length: last - first }, (_, index) => first + index)
  // One by one and not as a range, which servers before 7.0 do not understand.
  await connection.call('CLUSTER', 'ADDSLOTS', ...slots)
}

async function introduce(members: readonly Member[]): Promise<void> {
  // Each to each: gossip would find the way alone, but takes seconds.
  for (const { port } of members) {
    const others = members.filter((member) => member.port > port)
    const meet = ({ connection }: Member) => connection.call('CLUSTER', 'MEET', '127.0.0.1', port)
    await Promise.all(others.map(meet))
  }
}

async function follow({ connection, role, shard }: Member, masters: readonly Member[]) {
  const master = masters.find((candidate) => candidate.shard === shard)
  if (role === 'replica') await connection.call('CLUSTER', 'REPLICATE', master?.id ?? '')
}

async function knowsAll({ connection }: Member, count: number): Promise<boolean> {
  const lines = String(await connection.call('CLUSTER', 'NODES'))
    .trim()
    .split('\n')
  return lines.length === count && !lines.some((line) => line.includes('handshake'))
}

async function isComplete(node: Member, members: readonly Member[], replicas: number) {
  const state = String(await node.connection.call('CLUSTER', 'INFO'))
  if (!state.includes('cluster_state:ok')) return false
  // What clients ask for; a node leaves out the replicas whose offset it has not heard of yet.
  const slots = JSON.stringify(await node.connection.call('CLUSTER', 'SLOTS'))
  if (!members.every(({ id }) => slots.includes(id))) return false
  const replication = String(await node.connection.call('INFO', 'replication'))
  return node.role === 'replica'
    ? replication.includes('master_link_status:up')
    : replication.split('state=online').length - 1 === replicas
}

async function until(
  what: string,
  members: readonly Member[],
  holds: (member: Member) => Promise<boolean>,
): Promise<void> {
  const deadline = performance.now() + joinedWithinMs
  while (!(await Promise.all(members.map(holds))).every(Boolean)) {
    if (performance.now() > deadline) throw new Error(`Gave up waiting until ${what}`)
    await sleep(20)
  }
}
