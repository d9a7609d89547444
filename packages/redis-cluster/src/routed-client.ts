import { systemClock, systemRandom } from '@locks/core'
import { backoffMs, Interrupt, sleep } from '@locks/core/parts'
import type { RedisArgument, RedisClient } from '@locks/redis/parts'
import type { ClusterDriver } from './cluster-driver.ts'

/** While some keys of a slot have moved to another node and others have not, a server refuses scripts. */
const BACKOFF = { firstMs: 10, maxMs: 200 }
const TRIES = 10

/** The cluster as a client of one server: each command goes where its first key is. */
export function routedClient(driver: ClusterDriver): RedisClient {
  return {
    ...traits(driver),
    async sendCommand(args, options) {
      const key = routingKey(args)
      for (let tries = 1; ; tries++) {
        try {
          return await driver.send(key, args, options)
        } catch (error) {
          if (tries === TRIES || !isRefusedForNow(error)) throw error
        }
        await sleep(systemClock, backoffMs(tries, BACKOFF, systemRandom), new Interrupt())
      }
    },
  }
}

/** One node as a client of one server. */
export function nodeClient(driver: ClusterDriver, address: string): RedisClient {
  return {
    ...traits(driver),
    sendCommand: (args, options) => driver.sendTo(address, args, options),
  }
}

/** What the scripts' runner looks for. */
const traits = ({ keyPrefix, clientKeyPrefix }: ClusterDriver) => ({
  _keyPrefix: keyPrefix,
  clientKeyPrefix,
  oneSlot: true,
})

/** It has not run, so it may be sent again. */
const isRefusedForNow = (error: unknown): boolean =>
  error instanceof Error && error.message.startsWith('TRYAGAIN')

function routingKey([name, ...args]: readonly RedisArgument[]): string {
  return String(String(name).startsWith('EVAL') ? args[2] : args[0])
}
