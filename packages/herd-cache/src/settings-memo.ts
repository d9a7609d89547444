import type { LoadOptions, LoadSettings } from './load-options.ts'

interface Resolved {
  readonly options: Readonly<Record<string, unknown>>
  readonly size: number
  readonly settings: LoadSettings
}

/**
 * What options come to. Calls differ in their keys and seldom in these, and to look through them all takes
 * longer than a hit: who says the same as the call before, or nothing, gets the same.
 */
export class SettingsMemo {
  readonly #resolve: (options: LoadOptions) => LoadSettings
  readonly #none: Resolved
  #latest: Resolved

  /** `resolve` throws for what could not be meant. */
  constructor(resolve: (options: LoadOptions) => LoadSettings) {
    this.#resolve = resolve
    this.#none = { options: {}, size: 0, settings: resolve({}) }
    this.#latest = this.#none
  }

  /** @throws what `resolve` throws. */
  of(options: LoadOptions): LoadSettings {
    if (typeof options !== 'object' || options === null) return this.#resolve(options)
    if (saysTheSame(options, this.#none)) return this.#none.settings
    if (saysTheSame(options, this.#latest)) return this.#latest.settings
    const { signal: _, ...said } = options as Record<string, unknown>
    const settings = this.#resolve(options)
    this.#latest = { options: said, size: Object.keys(said).length, settings }
    return settings
  }
}

/** What is no plain value may have changed inside. A signal is no setting. */
function saysTheSame(options: object, { options: known, size }: Resolved): boolean {
  let unsaid = size
  for (const name in options) {
    if (name === 'signal') continue
    const value = (options as Record<string, unknown>)[name]
    if (typeof value === 'object' || value !== known[name]) return false
    unsaid--
  }
  return unsaid === 0
}
