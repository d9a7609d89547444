/** What the workers lock and cache on. */
export const BACKENDS = ['memory', 'redis', 'redis-cluster', 'memcached'] as const

export type Backend = (typeof BACKENDS)[number]
