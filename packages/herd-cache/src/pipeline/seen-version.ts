/** The version that a tag had before the value was made. */
export interface SeenVersion {
  /** The tag as it occurs in its key. */
  readonly tag: string
  readonly version: string
}

/** Each as length u8, tag, length u8, version. */
export function encodeVersions(versions: readonly SeenVersion[]): Buffer {
  const texts = versions.flatMap(({ tag, version }) => [tag, version])
  return Buffer.concat(texts.flatMap((text) => [Buffer.of(text.length), Buffer.from(text)]))
}

/** `undefined` for what `encodeVersions` has not made: keys are built of it. */
export function decodeVersions(bytes: Buffer): SeenVersion[] | undefined {
  const texts: string[] = []
  for (let at = 0; at < bytes.length; ) {
    const length = bytes.readUInt8(at)
    const text = bytes.toString('latin1', at + 1, at + 1 + length)
    if (text.length !== length || !/^[\w.%:=#*-]{1,206}$/.test(text)) return undefined
    texts.push(text)
    at += 1 + length
  }
  if (texts.length % 2 !== 0) return undefined
  return Array.from({ length: texts.length / 2 }, (_, i) => ({
    tag: texts[2 * i] as string,
    version: texts[2 * i + 1] as string,
  }))
}
