import type { ServerName } from './binary.ts'

/** What has to be known about one server program to find it and to recognise it. */
export interface ServerProgram {
  /** Environment variable with the path of the program; when set, nothing else is tried. */
  readonly variable: string
  /** Executables that will do, best first. */
  readonly commands: readonly string[]
  readonly versionFlag: string
  /** What its version line must contain. */
  readonly signature: RegExp
}

/** Every server program; the key is also the name of its Debian package. */
export const serverPrograms: Readonly<Record<ServerName, ServerProgram>> = {
  'redis-server': {
    variable: 'LOCKS_REDIS_SERVER',
    commands: ['redis-server', 'valkey-server'],
    versionFlag: '--version',
    signature: /redis|valkey/i,
  },
  memcached: {
    variable: 'LOCKS_MEMCACHED',
    commands: ['memcached'],
    versionFlag: '-V',
    signature: /memcached/i,
  },
}
