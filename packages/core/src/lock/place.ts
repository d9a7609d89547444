import type { PushedGrant } from '../contract/lease-store.ts'

/** A grant and when it arrived, on our monotonic clock. */
export interface ReceivedGrant extends PushedGrant {
  readonly receivedAtMs: number
}

/** What a waiter is woken by: its grant, or the need to ask the store again. */
export type News = ReceivedGrant | 'ask'

/** One waiter's place: keeps the news until the waiter looks, for a push can overtake a reply. */
export class Place {
  #news: News | undefined
  /** Store time of the last answer that it holds nothing. */
  #notGrantedAtMs = Number.NEGATIVE_INFINITY
  #wake: (news: News) => void = () => {}

  deliver(grant: PushedGrant, receivedAtMs: number): void {
    if (grant.grantedAtMs >= this.#notGrantedAtMs) this.#tell({ ...grant, receivedAtMs })
  }

  ask(): void {
    // A grant is never replaced: it says all that asking would.
    if (typeof this.#news !== 'object') this.#tell('ask')
  }

  /**
   * The store has said that it holds nothing: an older grant is over, and its fence too, although the
   * token may be granted once more.
   */
  notGranted(storeNowMs = Number.NEGATIVE_INFINITY): void {
    this.#notGrantedAtMs = storeNowMs
    if (typeof this.#news === 'object' && this.#news.grantedAtMs < storeNowMs)
      this.#news = undefined
  }

  /** Forgets a wish to ask: the command that asks is about to be sent. */
  asked(): void {
    if (this.#news === 'ask') this.#news = undefined
  }

  /** The news, now or when they come; the latest listener counts. */
  onNews(wake: (news: News) => void): void {
    if (this.#news) wake(this.#news)
    else this.#wake = wake
  }

  #tell(news: News): void {
    this.#news = news
    this.#wake(news)
  }
}
