import { readFile } from 'node:fs/promises'
import { pathToFileURL } from 'node:url'
import { createClient } from 'redis'
import { peersFolder } from '../install-peers.ts'

/** A peer's module, from where `installPeers` has put it. @throws when it is not there. */
export async function loadPeer<Module>(specifier: string): Promise<Module> {
  const loader = await import(pathToFileURL(`${peersFolder}/load.mjs`).href)
  return loader.load(specifier)
}

/** The named peer with the version that `package.json` wants, and whether it runs with its defaults. */
export async function versioned(name: string): Promise<string> {
  const [installed = name, ...variant] = name.split(', ')
  const manifest = await readFile(new URL('package.json', import.meta.url), 'utf8')
  const version: string = JSON.parse(manifest).dependencies[installed] ?? '?'
  const known = version.startsWith('npm:')
    ? version.slice('npm:'.length)
    : `${installed}@${version}`
  return [known, ...variant].join(', ')
}

/** What the peers need of ioredis; `enableAutoPipelining` stays off, as is its default. */
export interface Ioredis {
  disconnect(): void
}

/** A connected ioredis client. */
export async function ioredis(url: string): Promise<Ioredis> {
  const { Redis } = await loadPeer<{ Redis: new (url: string) => Ioredis }>('ioredis')
  const client = new Redis(url)
  connected.push(client)
  return client
}

/** A connected client of the package `redis`. What a peer makes of it is let go of with it. */
export async function nodeRedis(url: string) {
  const client = createClient({ url }).on('error', () => {})
  await client.connect()
  connected.push({ disconnect: () => client.destroy() })
  const duplicate = client.duplicate.bind(client)
  return Object.assign(client, {
    duplicate(...options: Parameters<typeof duplicate>) {
      const other = duplicate(...options)
      connected.push({ disconnect: () => other.destroy() })
      return other
    },
  })
}

const connected: Ioredis[] = []

/** For who goes on when the server has ended. */
export function disconnectPeers(): void {
  for (const client of connected.splice(0)) client.disconnect()
}
