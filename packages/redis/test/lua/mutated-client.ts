import type { RedisClient } from '../../src/index.ts'

/** The same client, but that some scripts, known by their hash, have another text. */
export function mutatedClient(
  client: RedisClient,
  texts: ReadonlyMap<string, string>,
): RedisClient {
  return {
    sendCommand([name = '', script = '', ...rest], options) {
      const text = name === 'EVALSHA' ? texts.get(String(script)) : undefined
      const command = text === undefined ? [name, script, ...rest] : ['EVAL', text, ...rest]
      return client.sendCommand(command, options)
    },
  }
}
