import { readFile } from 'node:fs/promises'
import { cpus, loadavg, totalmem } from 'node:os'
import { RespConnection, startMemcached, startRedis, textExchange } from '@locks/test-servers'

/** Where a run was made: its class of machine, and what ran. No names, no paths. */
export interface Environment {
  /** Of the run's begin, in UTC. */
  readonly date: string
  readonly cores: number
  readonly processor: string
  readonly memoryGb: number
  /** How many processes wanted a core in the minute before: above 0.5 the figures say little. */
  readonly load: number
  readonly system: string
  readonly node: string
  /** Versions by name. */
  readonly servers: Readonly<Record<string, string>>
  readonly clients: Readonly<Record<string, string>>
  readonly peers: Readonly<Record<string, string>>
}

const clients = ['redis', 'ioredis', 'memcached', 'memcache-client']

export async function describeEnvironment(): Promise<Environment> {
  const installed = clients.map(
    (name) => new URL(`../node_modules/${name}/package.json`, import.meta.url),
  )
  const versions = await Promise.all(installed.map(async (file) => (await parsed(file)).version))
  const { dependencies } = await parsed(new URL('../peers/package.json', import.meta.url))
  return {
    date: new Date().toISOString().slice(0, 10),
    cores: cpus().length,
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    memoryGb: Math.round(totalmem() / 2 ** 30),
    load: Math.round((loadavg()[0] ?? 0) * 10) / 10,
    system: `${process.platform} ${process.arch}`,
    node: process.version.slice(1),
    servers: { redis: await redisVersion(), memcached: await memcachedVersion() },
    clients: Object.fromEntries(clients.map((name, at) => [name, versions[at]])),
    peers: Object.fromEntries(
      Object.entries<string>(dependencies).map(([name, version]) => [
        name,
        version.replace(/^npm:.*@/, ''),
      ]),
    ),
  }
}

const parsed = async (file: URL) => JSON.parse(await readFile(file, 'utf8'))

async function redisVersion(): Promise<string> {
  await using server = await startRedis()
  using connection = await RespConnection.open(server.port)
  return /redis_version:(\S+)/.exec(String(await connection.call('INFO', 'server')))?.[1] ?? '?'
}

async function memcachedVersion(): Promise<string> {
  await using server = await startMemcached()
  const reply = await textExchange(server.port, 'version\r\n', /\r\n$/)
  return /VERSION (\S+)/.exec(reply)?.[1] ?? '?'
}
