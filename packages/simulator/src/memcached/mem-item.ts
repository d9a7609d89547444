/** What memcached keeps under a key. */
export interface MemItem {
  readonly value: string
  readonly cas: number
  /** The second of the server in which it is no longer there. */
  readonly endS: number
}
