import type { Name } from '../key.ts'
import { acquireAll } from './acquire-all.ts'
import type { Acquisitions } from './acquisitions.ts'
import type { Engine } from './engine.ts'
import { HeldSet } from './held-set.ts'
import { holdDuring, type RequestCallback } from './hold-during.ts'
import type { AcquireOptions } from './options.ts'

/** Acquires all, runs `callback` under them, and releases; as `Locks.requestAll` promises. */
export async function requestAll(
  engine: Engine,
  acquisitions: Acquisitions,
  names: readonly Name[],
  options: AcquireOptions,
  callback: RequestCallback,
): Promise<never> {
  const holdings = await acquireAll(engine, acquisitions, names, options)
  const set = new HeldSet(holdings.map(({ lock }) => lock))
  return holdDuring(engine, set, () => engine.context.run(holdings, () => callback(set as never)))
}
