import type { Serializer } from './serializer.ts'

/** JSON: portable, and as lossy as JSON is (a Date comes back as text). */
export const jsonSerializer: Serializer = {
  id: 1,
  serialize(value) {
    const text: string | undefined = JSON.stringify(value)
    if (text === undefined) throw new TypeError('the value has no JSON form')
    return Buffer.from(text)
  },
  deserialize: ({ buffer, byteOffset, byteLength }) =>
    JSON.parse(Buffer.from(buffer, byteOffset, byteLength).toString()),
}
