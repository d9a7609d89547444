/** What the store keeps of a tag. */
export interface TagMark {
  /** Another one once the tag has been invalidated; none comes twice. */
  readonly version: string
  /** When the store drops it, epoch ms of the store. */
  readonly untilMs: number
}

const UNTIL_BYTES = 6

export function encodeMark({ version, untilMs }: TagMark): Uint8Array {
  const bytes = Buffer.alloc(UNTIL_BYTES + version.length)
  bytes.writeUIntBE(Math.floor(untilMs), 0, UNTIL_BYTES)
  bytes.write(version, UNTIL_BYTES, 'latin1')
  return bytes
}

/** `undefined` for what `encodeMark` has not made. */
export function decodeMark(data: Uint8Array): TagMark | undefined {
  if (data.length <= UNTIL_BYTES) return undefined
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength)
  const version = bytes.toString('latin1', UNTIL_BYTES)
  if (!/^[\w-]{1,64}$/.test(version)) return undefined
  return { version, untilMs: bytes.readUIntBE(0, UNTIL_BYTES) }
}
