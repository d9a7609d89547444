import { deserialize, serialize } from 'node:v8'
import type { Serializer } from './serializer.ts'

/**
 * The structured clone of Node itself: Map, Set, Date, BigInt, typed arrays and cycles come back as they
 * were, objects of classes as plain ones. An older Node may not read what a newer one wrote: to it that
 * is a miss. Only for a store that nobody else can write to, or under a cipher.
 */
export const v8Serializer: Serializer = { id: 2, serialize, deserialize }
