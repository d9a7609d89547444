import { isLocksError } from '@locks/core'

/** The store may be out of reach; anything else is a bug. */
export async function ignoringOutages(run: () => Promise<unknown>): Promise<void> {
  try {
    await run()
  } catch (error) {
    if (!isLocksError(error) || error.code !== 'STORE_UNAVAILABLE') throw error
  }
}
