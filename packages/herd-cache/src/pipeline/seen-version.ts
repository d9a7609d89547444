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
  const versions: SeenVersion[] = []
  for (let at = 0; at < bytes.length; ) {
    const tag = textAt(bytes, at)
    if (tag === undefined) return undefined
    at += 1 + tag.length
    const version = textAt(bytes, at)
    if (version === undefined) return undefined
    at += 1 + version.length
    versions.push({ tag, version })
  }
  return versions
}

function textAt(bytes: Buffer, at: number): string | undefined {
  const length = bytes[at] ?? 0
  const text = bytes.toString('latin1', at + 1, at + 1 + length)
  return text.length === length && /^[\w.%:=#*-]{1,206}$/.test(text) ? text : undefined
}
