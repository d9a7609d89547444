import { InvalidArgumentError, type Name } from '@locks/core'
import {
  AbortHub,
  checkPrefix,
  encodeName,
  Interrupt,
  isEncodedName,
  storeKeyPrefix,
} from '@locks/core/parts'
import type { CacheOptions } from './cache-options.ts'
import type { CacheParts, Wanted } from './cache-parts.ts'
import {
  type CallOptions,
  type LoadOptions,
  type LoadSettings,
  resolveLoadOptions,
} from './load-options.ts'
import { callLoader, type Loader } from './loader.ts'
import { chooseIdentity } from './pipeline/choose-identity.ts'
import { encodedIdentity } from './pipeline/encoded-identity.ts'
import type { IdentityGenerator } from './pipeline/identity-generator.ts'
import { SettingsMemo } from './settings-memo.ts'

const TAGS_MAX = 64

/** What every call goes through first: it refuses what could not be meant, and calls after the end. */
export class Entrance {
  readonly namespace: string
  readonly identity: IdentityGenerator
  readonly #tagIdentity: IdentityGenerator
  readonly #parts: CacheParts
  readonly #settings: SettingsMemo
  readonly #aborts = new AbortHub()

  constructor(parts: CacheParts, options: CacheOptions) {
    const { namespace } = options
    this.#parts = parts
    this.namespace = checkPrefix(namespace, 'namespace')
    this.identity = chooseIdentity(options)
    // With a cipher, tags are as secret as names.
    this.#tagIdentity = options.identity === false ? encodedIdentity : this.identity
    this.#settings = new SettingsMemo((given) =>
      resolveLoadOptions(given, options, (tags) => this.tags(tags)),
    )
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

  settings(options: LoadOptions): LoadSettings {
    return this.#settings.of(options)
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

  /**
   * Runs `call` with what ends its caller's wait. Rejects with the reason of his signal, too.
   * @throws InvalidArgumentError
   */
  during<T>(
    { signal }: CallOptions,
    call: (caller: Interrupt | undefined) => Promise<T>,
  ): Promise<T> {
    if (signal === undefined) return call(undefined)
    if (!(signal instanceof AbortSignal))
      throw new InvalidArgumentError('signal must be an AbortSignal')
    return this.#duringSignal(signal, call)
  }

  async #duringSignal<T>(signal: AbortSignal, call: (caller: Interrupt) => Promise<T>): Promise<T> {
    signal.throwIfAborted()
    const caller = new Interrupt()
    const disconnect = this.#aborts.connect(signal, caller)
    try {
      return await call(caller)
    } finally {
      disconnect()
    }
  }

  wanted<T>(name: Name, loader: Loader<T>, options: LoadOptions): Wanted {
    const key = this.key(name)
    if (typeof loader !== 'function') throw new InvalidArgumentError('loader must be a function')
    const load = (signal: AbortSignal) => callLoader(loader, { key: name, signal })
    return { key, settings: this.settings(options), load }
  }
}
