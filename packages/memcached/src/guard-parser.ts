import type { MemcachedClient } from './memcached-client.ts'

type Parse = (socket: { readonly bufferArray: string[] }, ...rest: unknown[]) => unknown

const GUARDED = Symbol.for('@locks/memcached/guarded')

/**
 * The client parses an entry with the JSON flag in its socket's handler: one that is no JSON would end
 * the process. Such an entry reaches it as text instead.
 */
export function guardParser(client: MemcachedClient): void {
  const guardable = client as { rawDataReceived?: Parse; [GUARDED]?: true }
  const parse = guardable.rawDataReceived
  if (!parse || guardable[GUARDED]) return
  guardable[GUARDED] = true
  guardable.rawDataReceived = function guarded(socket, ...rest) {
    defuse(socket.bufferArray)
    return parse.call(this, socket, ...rest)
  }
}

/** `lines` of replies, where a `VALUE` line is followed by its data. */
function defuse(lines: string[]): void {
  for (let index = 0; index < lines.length - 1; index++) {
    const line = lines[index] ?? ''
    if (!line.startsWith('VALUE ')) continue
    const [verb, key, flags, ...rest] = line.split(' ')
    if (Number(flags) === JSON_FLAG && !isJson(lines[index + 1] ?? '')) {
      lines[index] = [verb, key, '0', ...rest].join(' ')
    }
    index++
  }
}

const JSON_FLAG = 2

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
