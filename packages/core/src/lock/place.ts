import type { PushedGrant } from '../contract/lease-store.ts'

/** A grant and when it arrived, on our monotonic clock. */
export interface ReceivedGrant {
  readonly grant: PushedGrant
  readonly receivedAtMs: number
}

/** What a waiter is woken by: its grant, or the need to ask the store again. */
export type News = ReceivedGrant | 'ask'

/** One waiter's place: keeps the news until the waiter looks, for a push can overtake a reply. */
export class Place {
  #received: ReceivedGrant | undefined
  #asks = false
  #sent = false
  #asksAgain = false
  /** Store time of the last answer that it holds nothing. */
  #notGrantedAtMs = Number.NEGATIVE_INFINITY
  #wake: ((news: News) => void) | undefined

  deliver(grant: PushedGrant, receivedAtMs: number): void {
    if (grant.grantedAtMs < this.#notGrantedAtMs) return
    this.#received = { grant, receivedAtMs }
    this.#wake?.(this.#received)
  }

  ask(): void {
    this.#asks = true
    // A grant says all that asking would, unless an answer on its way outdates it.
    if (!this.#received) this.#wake?.('ask')
  }

  /**
   * The store has said that it holds nothing: an older grant is over, and its fence too, although the
   * token may be granted once more.
   */
  notGranted(storeNowMs = Number.NEGATIVE_INFINITY): void {
    this.#notGrantedAtMs = storeNowMs
    if (this.#received && this.#received.grant.grantedAtMs < storeNowMs) this.#received = undefined
  }

  /** Forgets a wish to ask: the command that asks is about to be sent. */
  asked(): void {
    this.#asks = false
    this.#asksAgain = this.#sent
    this.#sent = true
  }

  /** The command that was sent last is not the first one: the place was there before. */
  get asksAgain(): boolean {
    return this.#asksAgain
  }

  /** The news, now or when they come; the latest listener counts. */
  onNews(wake: (news: News) => void): void {
    const news = this.#received ?? (this.#asks ? 'ask' : undefined)
    if (news) wake(news)
    else this.#wake = wake
  }
}
