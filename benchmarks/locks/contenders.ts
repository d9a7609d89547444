import type { Settings } from '../harness/settings.ts'
import { versioned } from '../peers/load-peer.ts'
import type { LockContender } from './contender.ts'

export const OURS = '@locks/redis'
/** Handed on inside each process. */
export const LOCAL = "@locks/redis, fair: 'process'"
export const REFERENCE = 'BLPOP token list'

const modules: Readonly<Record<string, () => Promise<{ contender: LockContender }>>> = {
  [OURS]: () => import('./ours.ts'),
  [LOCAL]: () => import('./ours-local.ts'),
  [REFERENCE]: () => import('./blpop-reference.ts'),
  redlock: () => import('../peers/redlock.ts'),
  '@sesamecare-oss/redlock': () => import('../peers/sesamecare-redlock.ts'),
  'redis-semaphore': () => import('../peers/redis-semaphore.ts'),
  'redlock-universal': () => import('../peers/redlock-universal.ts'),
  '@microfleet/ioredis-lock': () => import('../peers/microfleet-ioredis-lock.ts'),
  '@verrou/core': () => import('../peers/verrou.ts'),
  'simple-redis-mutex': () => import('../peers/simple-redis-mutex.ts'),
}

export const contenderNames: readonly string[] = Object.keys(modules)

export async function loadContender(name: string): Promise<LockContender> {
  const load = modules[name]
  if (!load) throw new Error(`no such contender: ${name}`)
  return (await load()).contender
}

/** As printed: peers with their versions. */
export async function fullName(name: string): Promise<string> {
  return isPeer(name) ? versioned(name) : name
}

/** Ours and the reference always; of the peers those that were asked for. */
export function wantedContenders({ only }: Settings): string[] {
  return contenderNames.filter(
    (name) => !isPeer(name) || only.length === 0 || only.some((part) => name.includes(part)),
  )
}

export function isPeer(name: string): boolean {
  return name !== OURS && name !== LOCAL && name !== REFERENCE
}
