import { isUint8Array } from 'node:util/types'
import type { Serializer } from './serializer.ts'

/** None: values are bytes, stored as they are. */
export const bytesSerializer: Serializer = {
  id: 0,
  serialize(value) {
    if (!isUint8Array(value)) throw new TypeError('without a serializer a value must be bytes')
    return value
  },
  // What is found may be a view of what the store keeps.
  deserialize: (data) => Buffer.from(data),
}
