import type { Name } from '@locks/core'
import type { CacheEntry } from '../cache-entry.ts'
import type { CacheMachine } from '../cache-machine.ts'
import type { Wanted } from '../cache-parts.ts'
import type { EntryOptions } from '../entry-options.ts'
import { LoadAbandoned } from '../load-abandoned.ts'
import type { LoadContext } from '../loader.ts'
import { decodeManifest, type Manifest } from './manifest.ts'
import { readStream } from './read-stream.ts'
import { StreamLoad, UNSTORED } from './stream-load.ts'
import { StreamRecorder } from './stream-recorder.ts'

/** So often a stream may turn out to have lost a part before its reader loads for himself. */
const TRIES_MAX = 3

/** A stream that is wanted. */
export interface WantedStream {
  readonly name: Name
  readonly options: EntryOptions
  readonly source: () => AsyncIterable<unknown>
  /** Load although there is a stream. */
  readonly anew: boolean
}

type Items = AsyncGenerator<unknown, void, void>

/** How one reader gets the items of a stream: from the store, or from the loader that it is elected to run. */
export class StreamCall {
  readonly #machine: CacheMachine
  readonly #wanted: WantedStream

  constructor(machine: CacheMachine, wanted: WantedStream) {
    this.#machine = machine
    this.#wanted = wanted
  }

  /**
   * @throws what the loader throws; LoadFailedError where it ran elsewhere; StreamBrokenError and
   *   StoreUnavailableError when the rest of a stream cannot be had whose beginning was returned.
   */
  async *items(): Items {
    const key = this.#machine.entrance.key(this.#wanted.name)
    let anew = this.#wanted.anew
    for (let tries = 0; tries < TRIES_MAX; ) {
      const start = await this.#start(anew)
      if (start.state === 'left') continue
      if (start.state === 'loading') return yield* start.items
      if (start.value === UNSTORED) break
      const manifest = decodeManifest(start.value)
      // Something else is under this name: it is replaced.
      anew = manifest === undefined
      if (manifest && (yield* this.#read(key, manifest))) return
      tries++
    }
    yield* this.#wanted.source()
  }

  /** Resolves as soon as it is known where the items come from. */
  async #start(anew: boolean) {
    const { fetcher } = this.#machine.streams
    let isDecided = false
    let offer: (items: Items) => void = () => {}
    const offered = new Promise<Items>((resolve) => {
      offer = resolve
    })
    const wanted = this.#wantedWith((recorder) => {
      const load = new StreamLoad(this.#machine.streams, recorder)
      // Behind a stale stream that its reader has already, nobody reads this one.
      if (isDecided) return load.drain(this.#wanted.source)
      isDecided = true
      offer(this.#lead(load, () => fetched))
      return load.entry
    })
    const fetched = anew ? fetcher.reload(wanted) : fetcher.fetch(wanted)
    const loading = offered.then((items) => ({ state: 'loading', items }) as const)
    const start = await Promise.race([loading, this.#outcome(fetched)])
    isDecided = true
    return start
  }

  async #outcome(fetched: Promise<CacheEntry<unknown>>) {
    try {
      const { value } = await fetched
      return { state: 'found', value } as const
    } catch (error) {
      if (error instanceof LoadAbandoned) return { state: 'left' } as const
      throw error
    }
  }

  /** The end is reached when the store has been told of it: who asks then does not join this load. */
  async *#lead(load: StreamLoad, fetched: () => Promise<unknown>): Items {
    try {
      yield* load.items(this.#wanted.source)
    } finally {
      await fetched().catch(() => {})
    }
  }

  /** Whether it came to the end; not when a part was missing before anything was returned. */
  async *#read(key: string, manifest: Manifest): AsyncGenerator<unknown, boolean, void> {
    let isUsed = false
    try {
      for await (const item of readStream(this.#machine.streams, key, manifest)) {
        isUsed = true
        yield item
      }
      return true
    } catch (error) {
      const { closing } = this.#machine.parts
      if ((error as { code?: string }).code === 'STREAM_BROKEN') await this.#drop(key, manifest)
      if (isUsed || closing.tripped) throw error
      return false
    }
  }

  /** Nobody else is to begin with a stream that has lost a part. */
  async #drop(key: string, { generation }: Manifest): Promise<void> {
    const { fetcher, streams } = this.#machine
    const { client, emit, pipeline } = streams.parts
    try {
      const [entry] = await client.read([key])
      const opened = entry && (await pipeline.open(key, entry.data))
      if (!opened || !('value' in opened)) return
      if (decodeManifest(opened.value)?.generation === generation) await client.remove([key])
    } catch (error) {
      emit({ type: 'store-error', key, error: error as Error })
    } finally {
      fetcher.detach(key)
    }
  }

  #wantedWith(load: (recorder: StreamRecorder) => Promise<unknown>): Wanted {
    const { entrance, streams } = this.#machine
    const { name, options } = this.#wanted
    const record = async ({ skip }: LoadContext) => {
      const entry = await load(new StreamRecorder(streams, wanted.key, wanted.settings))
      return entry === UNSTORED ? skip(entry) : entry
    }
    // Its reader sets the pace.
    const { settings, ...rest } = entrance.wanted(name, record, options)
    const unbounded = { ...settings, loaderTimeoutMs: Number.POSITIVE_INFINITY }
    const wanted = { ...rest, settings: unbounded }
    return wanted
  }
}
