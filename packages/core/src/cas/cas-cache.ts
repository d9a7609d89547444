import type { CommitRequest } from '../contract/cache-store.ts'
import type { CasStore, CasWrite } from '../contract/cas-store.ts'
import { InvalidArgumentError } from '../errors.ts'
import { ENTRY_FRAME_BYTES, encodeEntry, type LoadMark } from './cache-value.ts'
import { besideKey, type CacheView, leaveMark, viewOf } from './load-place.ts'
import { untilSettled } from './until-settled.ts'

/** Entries and the marks of their loads as values of a CAS store. */
export class CasCache<Version> {
  readonly #cas: CasStore<Version>
  readonly valueBytesMax: number

  constructor(cas: CasStore<Version>) {
    this.#cas = cas
    this.valueBytesMax = cas.facts.valueBytesMax - ENTRY_FRAME_BYTES
  }

  async look(key: string): Promise<CacheView<Version>> {
    const reads = [key, besideKey(key)].map((each) => this.#cas.get(each))
    const [main, beside] = await Promise.all(reads)
    return viewOf(key, main, beside)
  }

  /** @throws InvalidArgumentError for a value over the limit. */
  asWrite({ key, token, data, ttlMs }: CommitRequest): CasWrite {
    if (data.length > this.valueBytesMax) {
      throw new InvalidArgumentError(`a value must not exceed ${this.valueBytesMax} bytes`)
    }
    return { key, value: encodeEntry({ version: token, data }), ttlMs }
  }

  /** Stores over what the view shows, unless somebody has changed it since. */
  async replace({ main }: CacheView<Version>, write: CasWrite): Promise<boolean> {
    const stored = main
      ? await this.#cas.compareAndSet({ ...write, version: main.version })
      : await this.#cas.add(write)
    return stored !== undefined
  }

  /** Acts on the load of `token` while it stands; `false` = it does not. */
  whileLoading(
    key: string,
    token: string,
    act: (view: CacheView<Version>, mark: LoadMark) => Promise<boolean>,
  ): Promise<boolean> {
    return untilSettled(async () => {
      const view = await this.look(key)
      const { mark } = view.place
      if (mark?.holder !== token) return false
      return (await act(view, mark)) || undefined
    })
  }

  /** Changes the mark of the load of `token` while it stands; `false` = it does not. */
  remark(key: string, token: string, change: (mark: LoadMark) => LoadMark): Promise<boolean> {
    return this.whileLoading(key, token, ({ place }, mark) =>
      leaveMark(this.#cas, place, change(mark)),
    )
  }
}
