import type { TextWrite } from '../memcached-transport.ts'
import {
  type Command,
  type Dialect,
  type Item,
  oneWord,
  type Stored,
  UNEXPECTED,
} from './dialect.ts'
import type { WireReply } from './reply-parser.ts'

/** The meta commands of memcached 1.6. Whatever is stored, its id comes with the reply. */
export const metaDialect: Dialect = {
  name: 'meta',
  get: (key) => ({ text: `mg ${key} v c t\r\n`, read: readItem }),
  add: (write) => store(write, 'ME', ['NS']),
  compareAndSet: (write, cas) => store(write, `C${cas}`, ['EX', 'NF']),
  compareAndDelete: (key, cas) =>
    oneWord(`md ${key} C${cas}\r\n`, { HD: true, EX: false, NF: false }),
  set: (write) => store(write, 'MS', []),
  delete: (key) => oneWord(`md ${key}\r\n`, { HD: true, NF: false }),
}

function store(
  { key, value, exptime }: TextWrite,
  condition: string,
  refusals: readonly string[],
): Command<Stored | undefined> {
  return {
    text: `ms ${key} ${value.length} ${condition} T${exptime} c\r\n${value}\r\n`,
    read(reply) {
      const [verb = ''] = reply.words
      if (refusals.includes(verb)) return undefined
      const cas = flag(reply, 'c')
      return verb === 'HD' && cas !== undefined ? { cas } : UNEXPECTED
    },
  }
}

function readItem(reply: WireReply): Item | undefined | typeof UNEXPECTED {
  const { words, data } = reply
  if (words[0] === 'EN') return undefined
  const cas = flag(reply, 'c')
  if (!data || cas === undefined) return UNEXPECTED
  // Negative for what has no end.
  const leftSeconds = Number(flag(reply, 't'))
  const left = leftSeconds >= 0 && { remainingMs: leftSeconds * 1000 }
  return { value: data.toString(), cas, ...left }
}

/** What the reply says behind the letter of a flag. */
function flag({ words }: WireReply, letter: string): string | undefined {
  return words.find((word, index) => index > 0 && word.startsWith(letter))?.slice(1)
}
