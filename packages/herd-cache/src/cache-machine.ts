import { type Name, systemClock } from '@locks/core'
import type { CacheOptions } from './cache-options.ts'
import type { CacheParts } from './cache-parts.ts'
import { createParts, type Waiting } from './create-parts.ts'
import { Entrance } from './entrance.ts'
import { EntryReader } from './entry-reader.ts'
import { EntryWalker } from './entry-walker.ts'
import { EntryWriter } from './entry-writer.ts'
import { EventCounter } from './event-counter.ts'
import { Fetcher } from './fetcher.ts'
import { createNear, type Near } from './l1/create-near.ts'
import { createStreamParts } from './stream/create-stream-parts.ts'
import type { StreamParts } from './stream/stream-parts.ts'

/** What a cache is made of. */
export interface CacheMachine {
  readonly parts: CacheParts
  readonly entrance: Entrance
  readonly reader: EntryReader
  readonly writer: EntryWriter
  readonly walker: EntryWalker
  readonly fetcher: Fetcher
  readonly streams: StreamParts
  readonly near: Near | undefined
  readonly events: EventCounter
  /** Refuses new calls, and ends what waits. */
  end(reason: Error): void
}

/** @throws InvalidArgumentError for a wrong option. */
export function createMachine(options: CacheOptions, waiting: Waiting): CacheMachine {
  const closed = new AbortController()
  const events = new EventCounter()
  const count = events.count.bind(events)
  const near = nearOf(options, (name) => entrance.key(name))
  const store = near?.store ?? options.store
  const parts = createParts(
    { ...options, store },
    { ...waiting, closed: closed.signal, count, superseded: (key) => near?.changed(key) },
  )
  const entrance = new Entrance(parts, options)
  const reader = new EntryReader(parts, near?.cache)
  const streams = createStreamParts(options, parts)
  return {
    parts,
    entrance,
    reader,
    writer: new EntryWriter(parts),
    walker: new EntryWalker(parts, entrance),
    fetcher: new Fetcher(parts, reader, streams.fetcher),
    streams,
    near,
    events,
    end(reason) {
      closed.abort(reason)
      parts.closing.trip(reason)
      parts.client.close()
    },
  }
}

function nearOf(options: CacheOptions, keyOf: (name: Name) => string): Near | undefined {
  const { l1, store, namespace, clock = systemClock } = options
  return l1 ? createNear(l1, { store, namespace, clock, keyOf }) : undefined
}
