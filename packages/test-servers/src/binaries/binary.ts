/** The server programs the tests run. */
export type ServerName = 'redis-server' | 'memcached'

/** A server program that was found and has answered when asked for its version. */
export interface Binary {
  readonly name: ServerName
  /** Absolute path of the executable. */
  readonly command: string
  /** Variables the program needs on top of the ordinary environment. */
  readonly env: Readonly<Record<string, string>>
  readonly version: string
  /** Where it came from, in words for a person. */
  readonly origin: string
}
