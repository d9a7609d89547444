import type { Settings } from '../harness/settings.ts'
import { versioned } from '../peers/load-peer.ts'
import type { LockContender } from './contender.ts'

export const OURS = '@locks/redis'
/** Handed on inside each process. */
export const LOCAL = "@locks/redis, fair: 'process'"
export const REFERENCE = 'BLPOP token list'

/** Of a peer that runs twice. */
const AS_IT_COMES = ', defaults'

const redlock = () => import('../peers/redlock.ts')
const universal = () => import('../peers/redlock-universal.ts')
const verrou = () => import('../peers/verrou.ts')
const asItComes = async (module: Promise<{ defaults: LockContender }>) => ({
  contender: (await module).defaults,
})

const modules: Readonly<Record<string, () => Promise<{ contender: LockContender }>>> = {
  [OURS]: () => import('./ours.ts'),
  [LOCAL]: () => import('./ours-local.ts'),
  [REFERENCE]: () => import('./blpop-reference.ts'),
  redlock4: () => import('../peers/redlock4.ts'),
  redlock,
  '@sesamecare-oss/redlock': () => import('../peers/sesamecare-redlock.ts'),
  'redis-semaphore': () => import('../peers/redis-semaphore.ts'),
  'redlock-universal': universal,
  '@microfleet/ioredis-lock': () => import('../peers/microfleet-ioredis-lock.ts'),
  '@verrou/core': verrou,
  'simple-redis-mutex': () => import('../peers/simple-redis-mutex.ts'),
  // Where they differ from the best; those of redlock 4 and of the fork are those of redlock 5.
  [`redlock${AS_IT_COMES}`]: () => asItComes(redlock()),
  [`redlock-universal${AS_IT_COMES}`]: () => asItComes(universal()),
  [`@verrou/core${AS_IT_COMES}`]: () => asItComes(verrou()),
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

/** Ours and the reference always; of the peers, at their best, those that were asked for. */
export function wantedContenders({ only }: Settings): string[] {
  return contenderNames.filter(
    (name) => !isPeer(name) || (!isAsItComes(name) && isAskedFor(name, only)),
  )
}

/** The same peers as they come, where that differs. */
export function wantedDefaults({ only }: Settings): string[] {
  return contenderNames.filter((name) => isAsItComes(name) && isAskedFor(name, only))
}

/** A peer with its defaults, which has another row at its best. */
export const isAsItComes = (name: string): boolean => name.endsWith(AS_IT_COMES)
const isAskedFor = (name: string, only: readonly string[]) =>
  only.length === 0 || only.some((part) => name.includes(part))

export function isPeer(name: string): boolean {
  return name !== OURS && name !== LOCAL && name !== REFERENCE
}
