import { setTimeout as sleep } from 'node:timers/promises'
import type { CacheStore, LeaseStore } from '@locks/core'
import { seededRandom } from '@locks/core/testing'
import {
  type CommandDice,
  entryCommands,
  leaseCommands,
  type StoreCommand,
  sharedClock,
} from '@locks/history'
import type { Chance } from '../chance.ts'

/** Then all callers take new keys: the order of a few commands can be looked for, that of all cannot. */
const ROUND_MS = 3000
/** After that a caller goes on; the command may still be run and answered. */
const PATIENCE_MS = 1000
/** A caller knows its last few tokens. */
const TOKENS = 3

export interface CallerParts {
  /** One that is recorded. */
  readonly store: LeaseStore & CacheStore
  readonly chance: Chance
  /** Of the tokens: no two callers of a run have the same. */
  readonly seed: number
  readonly ttlsMs: readonly number[]
}

/** Sends random commands to a store itself, without an engine, on the keys that all callers have in common. */
export class StoreCaller {
  readonly #store: LeaseStore & CacheStore
  readonly #chance: Chance
  readonly #dice: CommandDice
  #round = Number.NaN
  #tokens: string[] = []
  #commands: readonly (readonly StoreCommand[])[] = []

  constructor({ store, chance, seed, ttlsMs }: CallerParts) {
    this.#store = store
    this.#chance = chance
    const random = seededRandom(seed)
    const fresh = () => {
      const token = random.token()
      this.#tokens = [...this.#tokens, token].slice(-TOKENS)
      return token
    }
    this.#dice = {
      fresh,
      mine: () => (this.#tokens.length > 0 ? chance.pick(this.#tokens) : fresh()),
      ttlMs: () => chance.pick(ttlsMs),
      oneIn: (n) => chance.between(0, n) === 0,
    }
  }

  /** One command. Resolves when it is answered, has failed, or takes too long. */
  async call(): Promise<void> {
    this.#takePart(Math.floor(sharedClock.now() / ROUND_MS))
    const command = this.#chance.pick(this.#chance.pick(this.#commands))
    const patience = new AbortController()
    const { signal } = patience
    const over = sleep(PATIENCE_MS, undefined, { signal }).catch(() => {})
    await Promise.race([command(this.#dice).catch(() => {}), over])
    patience.abort()
  }

  #takePart(round: number): void {
    if (round === this.#round) return
    this.#round = round
    this.#tokens = []
    this.#commands = [
      leaseCommands(this.#store, `locks:l1:{order-${round}}`),
      entryCommands(this.#store, `nemesis-order:c1:{${round}}`),
    ]
  }
}
