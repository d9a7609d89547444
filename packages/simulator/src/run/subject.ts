import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import * as core from '@locks/core'
import * as spec from '@locks/core/spec'
import * as herdCache from '@locks/herd-cache'
import * as memcached from '@locks/memcached'
import * as cluster from '@locks/redis-cluster/parts'
import type { Patch } from '../bugs/bug.ts'
import { patchedSources } from '../bugs/patched-sources.ts'
import type { ServerSteps } from '../store/sim-server.ts'

/** The code under test. */
export interface Subject {
  readonly createLocks: typeof core.createLocks
  readonly quorum: typeof core.quorum
  readonly optimistic: typeof core.optimistic
  readonly ConfirmedLeases: typeof cluster.ConfirmedLeases
  readonly HerdCache: typeof herdCache.HerdCache
  readonly memcachedStore: typeof memcached.memcachedStore
  readonly steps: ServerSteps
}

export const PRODUCTION = subject(core, herdCache, memcached, spec, cluster)

/** The production code with `patches` applied to its sources. */
export async function patchedSubject(patches: readonly Patch[]): Promise<Subject> {
  const folder = patchedSources(patches)
  const load = (path: string) => import(pathToFileURL(join(folder, path)).href)
  return subject(
    await load('core/src/index.ts'),
    await load('herd-cache/src/index.ts'),
    await load('memcached/src/index.ts'),
    await load('core/src/spec/index.ts'),
    await load('redis-cluster/src/parts.ts'),
  )
}

function subject(
  { createLocks, quorum, optimistic }: typeof core,
  { HerdCache }: typeof herdCache,
  { memcachedStore }: typeof memcached,
  { leaseStep, cacheStep }: typeof spec,
  { ConfirmedLeases }: typeof cluster,
): Subject {
  const steps = { lease: leaseStep, cache: cacheStep }
  return { createLocks, quorum, optimistic, ConfirmedLeases, HerdCache, memcachedStore, steps }
}
