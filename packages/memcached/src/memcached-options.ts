const SAFE = {
  // Not 0: while its connections are being opened the client refuses whatever exceeds the pool.
  retries: 4,
  factor: 2,
  minTimeout: 25,
  maxTimeout: 200,
  timeout: 1000,
  idle: 30_000,
  failures: 1e9,
  failuresTimeout: 1,
  retry: 100,
  reconnect: 100,
  remove: false,
  poolSize: 10,
}

/**
 * Options for `new Memcached(servers, memcachedOptions())`. With the client's own, a server that is down
 * answers after 20 s or never, stays "dead" for up to 5 h after it came back, or has its keys moved to
 * another. With these, a call to it fails within half a second, and the first after its return succeeds.
 *
 * `overrides` are further options of the client, and win.
 */
export function memcachedOptions<Options extends object>(
  overrides?: Options,
): typeof SAFE & Options {
  return { ...SAFE, ...overrides } as typeof SAFE & Options
}
