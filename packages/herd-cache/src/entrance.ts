import { InvalidArgumentError, type Name } from '@locks/core'
import { checkPrefix, encodeName, isEncodedName, storeKeyPrefix } from '@locks/core/parts'
import type { CacheOptions } from './cache-options.ts'
import type { CacheParts } from './cache-parts.ts'
import { type EntryOptions, type EntrySettings, resolveEntryOptions } from './entry-options.ts'
import type { Wanted } from './fetcher.ts'
import { callLoader, type Loader } from './loader.ts'
import { chooseIdentity } from './pipeline/choose-identity.ts'
import { encodedIdentity } from './pipeline/encoded-identity.ts'
import type { IdentityGenerator } from './pipeline/identity-generator.ts'

const TAGS_MAX = 64

/** What every call goes through first: it refuses what could not be meant, and calls after the end. */
export class Entrance {
  readonly namespace: string
  readonly identity: IdentityGenerator
  readonly #tagIdentity: IdentityGenerator
  readonly #parts: CacheParts
  readonly #defaults: EntryOptions

  constructor(parts: CacheParts, options: CacheOptions) {
    const { namespace, ttl, grace, tags } = options
    this.#parts = parts
    this.namespace = checkPrefix(namespace, 'namespace')
    this.identity = chooseIdentity(options)
    // With a cipher, tags are as secret as names.
    this.#tagIdentity = options.identity === false ? encodedIdentity : this.identity
    this.#defaults = {
      ...(ttl !== undefined && { ttl }),
      ...(grace !== undefined && { grace }),
      ...(tags !== undefined && { tags }),
    }
    this.settings({})
  }

  /** The store's key of a name. */
  key(name: Name): string {
    const key = this.identity.identify(this.namespace, name)
    this.#parts.closing.throwIfTripped()
    return key
  }

  keys(names: readonly Name[]): string[] {
    if (!Array.isArray(names)) throw new InvalidArgumentError('keys must be an array of names')
    return names.map((name) => this.key(name))
  }

  settings(options: EntryOptions): EntrySettings {
    return resolveEntryOptions(options, this.#defaults, (tags) => this.tags(tags))
  }

  /** Tags as they occur in their keys, each once. */
  tags(names: readonly Name[]): string[] {
    if (!Array.isArray(names) || names.length > TAGS_MAX)
      throw new InvalidArgumentError(`tags must be an array of at most ${TAGS_MAX} names`)
    return [...new Set(names.map((name) => this.#tag(name)))]
  }

  #tag(name: Name): string {
    const key = this.#tagIdentity.identify(this.namespace, name)
    const start = `${storeKeyPrefix(this.namespace, 'c')}{`
    const inner = key.startsWith(start) && key.endsWith('}') ? key.slice(start.length, -1) : ''
    return isEncodedName(inner) ? inner : encodeName(key)
  }

  wanted<T>(name: Name, loader: Loader<T>, options: EntryOptions): Wanted {
    const key = this.key(name)
    if (typeof loader !== 'function') throw new InvalidArgumentError('loader must be a function')
    const context = { key: name, signal: this.#parts.closed }
    return { ...this.settings(options), key, load: () => callLoader(loader, context) }
  }
}
