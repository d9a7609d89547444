/**
 * Turns values into bytes and back. `id` is stored with each value, and a value of another id is a miss:
 * never give one id to two formats. 0 to 31 are taken by the serializers that are built in.
 */
export interface Serializer {
  /** 0 to 255. */
  readonly id: number
  /** @throws anything for a value that it cannot express. */
  serialize(value: unknown): Uint8Array
  /** @throws anything for bytes that it did not write. */
  deserialize(data: Uint8Array): unknown
}
