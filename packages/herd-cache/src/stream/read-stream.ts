import { type StoredEntry, StreamBrokenError } from '@locks/core'
import { backoffMs, sleep } from '@locks/core/parts'
import { readValue } from '../cached-value.ts'
import { FrameParser } from './frame-parser.ts'
import { chunkKey, type Manifest } from './manifest.ts'
import type { StreamParts } from './stream-parts.ts'

/** Chunks read with one command. All items of a stream that has no more are there before the first is. */
const WINDOW = 4
const READS_MAX = 3
const AGAIN = { firstMs: 50, maxMs: 500 } as const

/**
 * The items of a stored stream; the next chunks are read while these are used.
 * @throws StreamBrokenError when a part is not there any more; StoreUnavailableError.
 */
export async function* readStream(
  stream: StreamParts,
  key: string,
  manifest: Manifest,
): AsyncGenerator<unknown, void, void> {
  const { items } = stream
  if (manifest.serializerId !== items.serializerId) throw broken()
  const frames = new FrameParser()
  let count = 0
  let ahead = readAhead(stream, key, manifest, 0)
  for (let at = 0; at < manifest.chunks; at += WINDOW) {
    const chunks = await ahead
    ahead = readAhead(stream, key, manifest, at + WINDOW)
    for (const chunk of chunks) {
      for (const raw of frames.push(chunk)) {
        yield deserialized(items, raw)
        count++
      }
    }
  }
  if (count !== manifest.items || !frames.isAtEnd) throw broken()
}

const broken = () => new StreamBrokenError('a part of the stream is not in the store any more')

function deserialized(items: StreamParts['items'], raw: Uint8Array): unknown {
  try {
    return items.deserialize(raw)
  } catch {
    throw broken()
  }
}

/** It may fail before anybody asks for it, or when nobody does any more. */
function readAhead(...args: Parameters<typeof readChunks>): Promise<Uint8Array[]> {
  const reading = readChunks(...args)
  reading.catch(() => {})
  return reading
}

async function readChunks(
  { parts }: StreamParts,
  key: string,
  { generation, chunks }: Manifest,
  from: number,
): Promise<Uint8Array[]> {
  const count = Math.max(0, Math.min(WINDOW, chunks - from))
  if (count === 0) return []
  const keys = Array.from({ length: count }, (_, i) => chunkKey(key, generation, from + i))
  const entries = await readPatiently(parts, keys)
  return Promise.all(
    keys.map(async (chunk, i) => {
      const entry = entries[i]
      const opened = entry && (await readValue(parts, chunk, entry))
      if (!opened) throw broken()
      return opened.value as Uint8Array
    }),
  )
}

/** Who has used a part of a stream already has no other way to the rest. */
async function readPatiently(
  { client, clock, closing, emit, random }: StreamParts['parts'],
  keys: readonly string[],
): Promise<readonly (StoredEntry | undefined)[]> {
  for (let reads = 1; ; reads++) {
    try {
      return await client.read(keys)
    } catch (error) {
      emit({ type: 'store-error', key: keys[0] as string, error: error as Error })
      if (reads === READS_MAX) throw error
      await sleep(clock, backoffMs(reads - 1, AGAIN, random), closing)
    }
  }
}
