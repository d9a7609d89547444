import { setTimeout as sleep } from 'node:timers/promises'
import type { LeaseStore } from '@locks/core'
import { seededRandom } from '@locks/core/testing'
import { type CommandDice, entryCommands, leaseCommands, type StoreCommand } from '@locks/history'
import type { Store } from './backends.ts'

export interface HammerOptions {
  readonly seed: number
  readonly commands: number
  /** Short ones end during the run. */
  readonly ttlsMs: readonly number[]
}

/** Random commands of one process to the leases under `key`. With a `subscriber` it queues. */
export function hammerLeases(
  store: LeaseStore,
  key: string,
  options: HammerOptions & { readonly subscriber?: string },
): Promise<void> {
  const { subscriber } = options
  const waiter = subscriber === undefined ? undefined : { subscriber, grantMs: 2000 }
  return hammer(options, leaseCommands(store, key, waiter))
}

/** The same to a cache entry. */
export function hammerEntry(store: Store, key: string, options: HammerOptions): Promise<void> {
  return hammer(options, entryCommands(store, key))
}

/** One after the other; what becomes of a command is on record. */
async function hammer(
  { seed, commands, ttlsMs }: HammerOptions,
  kinds: readonly StoreCommand[],
): Promise<void> {
  const random = seededRandom(seed)
  const whole = (below: number) => Math.floor(random.fraction() * below)
  const mine = [random.token()]
  const dice: CommandDice = {
    fresh() {
      const token = random.token()
      mine.push(token)
      if (mine.length > 3) mine.shift()
      return token
    },
    mine: () => mine[whole(mine.length)] as string,
    ttlMs: () => ttlsMs[whole(ttlsMs.length)] as number,
    oneIn: (n) => whole(n) === 0,
  }
  for (let i = 0; i < commands; i++) {
    await (kinds[whole(kinds.length)] as StoreCommand)(dice).catch(() => {})
    if (dice.oneIn(4)) await sleep(whole(8))
  }
}
