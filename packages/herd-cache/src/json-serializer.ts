/** Turns values into bytes and back. `id` is stored with each value: never give one id to two formats. */
export interface Serializer {
  readonly id: number
  /** @throws anything for a value that it cannot express. */
  serialize(value: unknown): Uint8Array
  /** @throws anything for bytes that it did not write. */
  deserialize(data: Uint8Array): unknown
}

/** JSON: portable, and as lossy as JSON is (a Date comes back as text). */
export const jsonSerializer: Serializer = {
  id: 1,
  serialize(value) {
    const text: string | undefined = JSON.stringify(value)
    if (text === undefined) throw new TypeError('the value has no JSON form')
    return Buffer.from(text)
  },
  deserialize: (data) => JSON.parse(Buffer.from(data).toString()),
}
