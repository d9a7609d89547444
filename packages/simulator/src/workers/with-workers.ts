import { rm } from 'node:fs/promises'
import { Bundler } from '../bundle/bundler.ts'
import { WorkerPool } from './worker-pool.ts'

/** Gives `use` as many workers, and what makes bundles for them; ends both. */
export async function withWorkers<Result>(
  size: number,
  use: (pool: WorkerPool, bundler: Bundler) => Promise<Result>,
): Promise<Result> {
  const bundler = new Bundler()
  const path = await bundler.worker()
  const pool = await WorkerPool.start(path, size)
  try {
    return await use(pool, bundler)
  } finally {
    await pool.close()
    await bundler.close()
    await rm(path)
  }
}
