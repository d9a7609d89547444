import type { AcquireRequest, PushedGrant } from '@locks/core'
import type { ObservedCommand } from '../store/store-observer.ts'
import type { World } from '../time/world.ts'

interface Granted {
  readonly token: string
  readonly fence: number
  /** What its caller was given. */
  known?: number
}

/**
 * P6: fences of one name strictly increase in the order in which the store grants; those that it mints,
 * and those that callers are given. The latter also in the order that callers can observe: who starts
 * to ask after a grant was known gets a greater one.
 */
export class FenceCheck {
  readonly #world: World
  /** Per key, in store order. */
  readonly #grants = new Map<string, Granted[]>()
  /** The greatest fence that any caller has been given, per key. */
  readonly #greatest = new Map<string, number>()

  constructor(world: World) {
    this.#world = world
  }

  /** `pushed`: by the same command. */
  executed(command: ObservedCommand, reply: unknown, pushed: readonly PushedGrant[]): void {
    const { key, token } = command
    const grants: Granted[] = [...pushed]
    const { fence = Number.NaN } = reply as { readonly fence?: number }
    if (this.#isGrant(command, reply)) grants.push({ token, fence })
    // Those of one step have no order but their fences.
    grants.sort((one, other) => one.fence - other.fence)
    for (const { token, fence } of grants) this.#granted(key, token, fence)
  }

  #isGrant({ op, key, token, request }: ObservedCommand, reply: unknown): boolean {
    const { state, fence } = reply as { readonly state?: string; readonly fence?: number }
    if ((op !== 'acquire' && op !== 'steal') || state !== 'granted') return false
    const { units = 1, capacity = 1 } = request as AcquireRequest
    const grants = this.#grants.get(key) ?? []
    const isRepeat = grants.some((grant) => grant.token === token && grant.fence === fence)
    // Who shares it may ask again when others have come since.
    return !isRepeat || units === capacity
  }

  #granted(key: string, token: string, fence: number): void {
    const grants = this.#grants.get(key) ?? []
    this.#grants.set(key, grants)
    const last = grants.at(-1)
    if (last?.token === token && last.fence === fence) return
    if (!(fence > (last?.fence ?? 0))) {
      this.#world.violate(
        'P6',
        `${token} is granted ${key} with fence ${fence} after ${last?.fence}`,
      )
      return
    }
    grants.push({ token, fence })
  }

  /** The fence that a caller who asks from now on must exceed. */
  floor(key: string): number {
    return this.#greatest.get(key) ?? 0
  }

  /** A caller is given `fence`; `floor` as it was when it began to ask. */
  known(key: string, token: string, fence: number | undefined, floor: number): void {
    if (fence === undefined || fence <= floor) {
      this.#world.violate('P6', `a caller gets fence ${fence} of ${key}, after ${floor} was known`)
      return
    }
    this.#greatest.set(key, Math.max(fence, this.floor(key)))
    this.#checkStoreOrder(key, token, fence)
  }

  #checkStoreOrder(key: string, token: string, fence: number): void {
    const grants = this.#grants.get(key) ?? []
    const index = grants.findLastIndex((grant) => grant.token === token)
    const grant = grants[index]
    if (grant) grant.known = fence
    grants.forEach(({ token: other, known = Number.NaN }, i) => {
      if ((i < index && known >= fence) || (i > index && known <= fence)) {
        const order = `${fence} to ${token} and ${known} to ${other}`
        this.#world.violate('P6', `the fences of ${key} are not in the store's order: ${order}`)
      }
    })
  }
}
