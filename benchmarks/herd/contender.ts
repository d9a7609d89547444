/** A cache, connected. */
export interface HerdClient {
  getOrLoad(key: string, load: () => Promise<unknown>): Promise<unknown>
}

/** What is measured. */
export interface HerdContender {
  /** The settings that differ from the defaults. */
  readonly settings: string
  connect(url: string): Promise<HerdClient>
}
