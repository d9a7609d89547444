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
  const text = Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('latin1')
  const [, token, ttlMs] = /^([\w-]{1,64}) (\d{1,10})$/.exec(text) ?? []
  return token === undefined ? undefined : { token, ttlMs: Number(ttlMs) }
}
