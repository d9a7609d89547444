import { type Clock, type Random, type StoredEntry, StoreUnavailableError } from '@locks/core'
import { type Interrupt, sleep } from '@locks/core/parts'
import type { CacheClient } from '../cache-client.ts'
import type { SeenVersion } from '../pipeline/seen-version.ts'
import { SingleFlight } from '../single-flight.ts'
import { decodeMark, encodeMark, type TagMark } from './tag-mark.ts'

/** The tag of every entry of the namespace; no name is encoded like this. */
export const EVERYTHING = '*'

/**
 * How long what was read of `EVERYTHING` is believed without another look, and so how long `clear` has
 * to wait before it can say that nobody believes it any more.
 */
export const TRUSTED_MS = 100
/** Covers clocks of different rates. */
const CLEARED_AFTER_MS = TRUSTED_MS * 1.02 + 2

/** A load may be stored under an older version: at worst in vain. */
export const LOAD_AGE_MS_MAX = 1000
const KEPT_MS_MIN = 3_600_000
const KEPT_LONGER_MS_MAX = 30 * 86_400_000
/** So often a mark may change while it is being changed. */
const TRIES = 5

interface Look {
  readonly mark?: TagMark | undefined
  /** The store's version of it. */
  readonly stored?: string
}

interface Known extends Look {
  /** It is no older than this, by our clock. */
  readonly askedAtMs: number
}

export interface TagMarksParts {
  readonly client: CacheClient
  readonly clock: Clock
  readonly random: Random
  /** What the keys of marks begin with. */
  readonly prefix: string
  readonly closing: Interrupt
}

/**
 * The versions of a cache's tags, one key of the store for each. An entry carries the versions that its
 * tags had before its load began, and is good while they are the same; one that is gone matches nothing.
 */
export class TagMarks {
  readonly #parts: TagMarksParts
  readonly #keeping = new SingleFlight()
  #known: Known | undefined
  #batch: { readonly tags: Set<string>; readonly looks: Promise<Looks> } | undefined

  constructor(parts: TagMarksParts) {
    this.#parts = parts
  }

  /** Reads entries, and in the same command what has to be known anew. */
  readAlong(keys: readonly string[]): Promise<readonly (StoredEntry | undefined)[]> {
    return this.#isKnownFor(TRUSTED_MS) ? this.#parts.client.read(keys) : this.#readBoth(keys)
  }

  async #readBoth(keys: readonly string[]) {
    const { client, clock } = this.#parts
    const askedAtMs = clock.now()
    const entries = await client.read([...keys, this.#keyOf(EVERYTHING)])
    this.#learn(entries[keys.length], askedAtMs)
    return entries
  }

  /**
   * Whether an entry with these versions is good, as far as is known here. `askedAtMs` is when the entry
   * was asked for: what was learnt since is as good as new.
   */
  isKnownGood(versions: readonly SeenVersion[], askedAtMs = Number.POSITIVE_INFINITY): boolean {
    if (versions.length === 0) return true
    const [{ tag, version } = {}] = versions
    if (versions.length > 1 || tag !== EVERYTHING || !this.#known) return false
    // Another version than the one we know may be a newer one.
    if (this.#known.mark?.version !== version) return false
    return this.#known.askedAtMs >= askedAtMs || this.#isKnownFor(TRUSTED_MS)
  }

  /**
   * Which of the entries are still good, of which these versions are known. One command at most for all
   * that are asked about in the same turn. @throws StoreUnavailableError
   */
  async areCurrent(entries: readonly (readonly SeenVersion[])[]): Promise<boolean[]> {
    const open = entries.map((versions) => versions.filter((seen) => !this.isKnownGood([seen])))
    const tags = new Set(open.flatMap((versions) => versions.map(({ tag }) => tag)))
    if (tags.size === 0) return entries.map(() => true)
    const looks = await this.#look(tags)
    return open.map((versions) =>
      versions.every(({ tag, version }) => looks.get(tag)?.mark?.version === version),
    )
  }

  /**
   * The versions to store a value with, which begins to be made after this. They are kept for `keepMs` at
   * least. @throws StoreUnavailableError
   */
  async take(
    tags: readonly string[],
    keepMs: number,
    maxAgeMs = TRUSTED_MS,
  ): Promise<SeenVersion[]> {
    const marks = new Map<string, TagMark>()
    const all = [EVERYTHING, ...tags]
    let known = this.#isKnownFor(maxAgeMs) ? this.#known : undefined
    for (let tries = 0; tries < TRIES && marks.size < all.length; tries++) {
      const missing = all.filter((tag) => !marks.has(tag))
      const looks = await this.#looksAt(missing, known)
      known = undefined
      await Promise.all(
        missing.map(async (tag) => {
          const mark = await this.#kept(tag, looks.get(tag) ?? {}, keepMs)
          if (mark) marks.set(tag, mark)
        }),
      )
    }
    return all.map((tag) => {
      const version = marks.get(tag)?.version
      if (version === undefined) throw new StoreUnavailableError('a tag does not come to rest')
      return { tag, version }
    })
  }

  /**
   * Makes every value that has one of these tags, or was begun with one, a thing of the past.
   * @throws StoreUnavailableError
   */
  async change(tags: readonly string[]): Promise<void> {
    if (tags.length === 0) return
    const { client, clock, closing } = this.#parts
    await client.learnTime(this.#keyOf(tags[0] as string))
    const entries = await client.read(tags.map((tag) => this.#keyOf(tag)))
    await Promise.all(tags.map((tag, i) => this.#change(tag, lookAt(entries[i]))))
    if (tags.includes(EVERYTHING)) await sleep(clock, CLEARED_AFTER_MS, closing)
  }

  async #change(tag: string, before: Look): Promise<void> {
    const { client, random } = this.#parts
    const key = this.#keyOf(tag)
    let look = before
    for (let tries = 0; tries < TRIES; tries++) {
      // Nothing matches what is not there, or what somebody else has changed meanwhile.
      if (look.stored === undefined || look.mark?.version !== before.mark?.version) return
      if (await this.#put(tag, random.token(), look, KEPT_MS_MIN)) return
      const [entry] = await client.read([key])
      look = lookAt(entry)
    }
    await client.remove([key])
  }

  /** The mark, made or made to last if need be; `undefined` when it has changed meanwhile. */
  async #kept(tag: string, look: Look, keepMs: number): Promise<TagMark | undefined> {
    const { mark } = look
    if (mark && this.#lasts(mark, keepMs)) return mark
    const version = mark?.version ?? this.#parts.random.token()
    const longerMs = Math.min(Math.max(keepMs, KEPT_MS_MIN), KEPT_LONGER_MS_MAX)
    // Of many loads that begin at once, one does it.
    const kept = await this.#keeping.run(tag, () =>
      this.#put(tag, version, look, keepMs + longerMs),
    )
    return kept && this.#lasts(kept, keepMs) ? kept : undefined
  }

  async #put(
    tag: string,
    version: string,
    { stored }: Look,
    ttlMs: number,
  ): Promise<TagMark | undefined> {
    const { client, clock, random } = this.#parts
    const askedAtMs = clock.now()
    const mark = { version, untilMs: Math.floor(client.now() + ttlMs) }
    const token = random.token()
    const change = { key: this.#keyOf(tag), token, data: encodeMark(mark), ttlMs, expected: stored }
    const { state } = await client.compareAndSet(change)
    if (state !== 'written') return undefined
    if (tag === EVERYTHING) this.#known = { mark, stored: token, askedAtMs }
    return mark
  }

  /** As `#look`, but for what is known of `EVERYTHING`. */
  async #looksAt(tags: readonly string[], known: Look | undefined): Promise<Looks> {
    const asked = known ? tags.filter((tag) => tag !== EVERYTHING) : tags
    const looks = asked.length > 0 ? await this.#look(asked) : new Map<string, Look>()
    return known ? new Map([...looks, [EVERYTHING, known]]) : looks
  }

  /** One command for all that are asked about in this turn: never one that was sent before. */
  async #look(tags: Iterable<string>): Promise<Looks> {
    this.#batch ??= this.#openBatch()
    for (const tag of tags) this.#batch.tags.add(tag)
    return this.#batch.looks
  }

  #openBatch() {
    const { client, clock } = this.#parts
    const tags = new Set<string>()
    const looks = Promise.resolve().then(async () => {
      this.#batch = undefined
      const asked = [...tags]
      const askedAtMs = clock.now()
      const entries = await client.read(asked.map((tag) => this.#keyOf(tag)))
      const all = asked.indexOf(EVERYTHING)
      if (all >= 0) this.#learn(entries[all], askedAtMs)
      return new Map(asked.map((tag, i) => [tag, lookAt(entries[i])]))
    })
    return { tags, looks }
  }

  #learn(entry: StoredEntry | undefined, askedAtMs: number): void {
    if (askedAtMs >= (this.#known?.askedAtMs ?? 0)) this.#known = { ...lookAt(entry), askedAtMs }
  }

  #isKnownFor(ms: number): boolean {
    return this.#known !== undefined && this.#parts.clock.now() - this.#known.askedAtMs < ms
  }

  #lasts({ untilMs }: TagMark, keepMs: number): boolean {
    return untilMs >= this.#parts.client.now() + keepMs
  }

  #keyOf(tag: string): string {
    return `${this.#parts.prefix}{${tag}}`
  }
}

type Looks = ReadonlyMap<string, Look>

const lookAt = (entry: StoredEntry | undefined): Look =>
  entry ? { mark: decodeMark(entry.data), stored: entry.version } : {}
