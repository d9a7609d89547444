/** What is stored for a lease: its owner token and the TTL it was last given, as ASCII text. */
export interface LeaseValue {
  readonly token: string
  readonly ttlMs: number
}

export function encodeLease({ token, ttlMs }: LeaseValue): Uint8Array {
  return Buffer.from(`${token} ${ttlMs}`, 'latin1')
}

/** `undefined` for what is no lease. */
export function decodeLease(value: Uint8Array): LeaseValue | undefined {
  const { buffer, byteOffset, byteLength } = value
  const bytes = Buffer.isBuffer(value) ? value : Buffer.from(buffer, byteOffset, byteLength)
  const text = bytes.toString('latin1')
  if (!/^[\w-]{1,64} \d{1,10}$/.test(text)) return undefined
  const space = text.indexOf(' ')
  return { token: text.slice(0, space), ttlMs: Number(text.slice(space + 1)) }
}
