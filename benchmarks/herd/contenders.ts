import { versioned } from '../peers/load-peer.ts'
import type { HerdContender } from './contender.ts'

export const OURS = '@locks/herd-cache'
/** What is written by hand. */
export const PLAIN = 'a plain TTL cache'

const modules: Readonly<Record<string, () => Promise<{ contender: HerdContender }>>> = {
  [OURS]: () => import('./ours.ts'),
  [PLAIN]: () => import('./plain.ts'),
  bentocache: () => import('../peers/bentocache.ts'),
  cacheable: () => import('../peers/cacheable.ts'),
  'cache-manager': () => import('../peers/cache-manager.ts'),
  'async-cache-dedupe': () => import('../peers/async-cache-dedupe.ts'),
  '@epic-web/cachified': () => import('../peers/cachified.ts'),
}

export const contenderNames: readonly string[] = Object.keys(modules).filter(
  (name) => name !== PLAIN,
)

export async function loadContender(name: string): Promise<HerdContender> {
  const load = modules[name]
  if (!load) throw new Error(`no such contender: ${name}`)
  return (await load()).contender
}

/** As printed: peers with their versions. */
export async function fullName(name: string): Promise<string> {
  return name === OURS || name === PLAIN ? name : versioned(name)
}
