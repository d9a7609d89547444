/** Called with an error, or with the client's own idea of the server's answer. */
export type MemcachedCallback = (error: unknown, result: unknown) => void

/** What is used of a client of the package `memcached` 2.2. */
export interface MemcachedClient {
  readonly servers?: readonly string[]
  readonly namespace?: string
  readonly maxValue?: number
  gets(key: string, callback: MemcachedCallback): unknown
  add(key: string, value: string, lifetime: number, callback: MemcachedCallback): unknown
  set(key: string, value: string, lifetime: number, callback: MemcachedCallback): unknown
  cas(
    key: string,
    value: string,
    cas: string,
    lifetime: number,
    callback: MemcachedCallback,
  ): unknown
  del(key: string, callback: MemcachedCallback): unknown
}
