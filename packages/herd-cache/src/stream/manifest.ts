/** What a stream consists of. It is stored last, so whoever finds it finds a stream that came to its end. */
export interface Manifest {
  /** Of the load that made it: its chunks are nobody else's. */
  readonly generation: string
  readonly chunks: number
  readonly items: number
  readonly serializerId: number
}

const MARK = 'stream1:'

export function encodeManifest(manifest: Manifest): Uint8Array {
  return Buffer.from(MARK + JSON.stringify(manifest))
}

/** `undefined` for anything else. */
export function decodeManifest(value: unknown): Manifest | undefined {
  if (!(value instanceof Uint8Array)) return undefined
  const text = Buffer.from(value).toString()
  if (!text.startsWith(MARK)) return undefined
  try {
    return JSON.parse(text.slice(MARK.length)) as Manifest
  } catch {
    return undefined
  }
}

/** Beside the entry `key`, in the same slot of a cluster. */
export function chunkKey(key: string, generation: string, index: number): string {
  return `${key}:s${generation}.${index}`
}
