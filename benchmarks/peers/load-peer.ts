import { readFile } from 'node:fs/promises'
import { pathToFileURL } from 'node:url'
import { peersFolder } from '../install-peers.ts'

/** A peer's module, from where `installPeers` has put it. @throws when it is not there. */
export async function loadPeer<Module>(specifier: string): Promise<Module> {
  const loader = await import(pathToFileURL(`${peersFolder}/load.mjs`).href)
  return loader.load(specifier)
}

/** The named peers with the versions that `package.json` wants. */
export async function versioned(name: string): Promise<string> {
  const manifest = await readFile(new URL('package.json', import.meta.url), 'utf8')
  return `${name}@${JSON.parse(manifest).dependencies[name] ?? '?'}`
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

const connected: Ioredis[] = []

/** For who goes on when the server has ended. */
export function disconnectPeers(): void {
  for (const client of connected.splice(0)) client.disconnect()
}
