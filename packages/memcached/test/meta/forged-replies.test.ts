import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { isLocksError } from '@locks/core'
import fc from 'fast-check'
import { guardParser } from '../../src/guard-parser.ts'
import { memcachedStore, metaTransport } from '../../src/index.ts'
import { ReplyParser, type WireReply } from '../../src/meta/reply-parser.ts'

/** The same runs each time; a failure names the seed and the smallest case. */
const RUNS = { seed: 20_261_121, numRuns: 500 }

/** What a server says, and what it might say when it is broken or none. */
const PIECES = [
  ...['HD\r\n', 'HD c7\r\n', 'HD c\r\n', 'EN\r\n', 'NS\r\n', 'NF\r\n', 'EX\r\n', 'MN\r\n'],
  ...['VA 2 c1 t5\r\nab\r\n', 'VA 2 c1 t-1\r\nab\r\n', 'VA 0 c1\r\n\r\n', 'VA 2\r\nab\r\n'],
  ...['VA 2 c1\r\nabc\r\n', 'VA -1\r\n', 'VA 9999999999 c1\r\n', 'VA 99999999999\r\n', 'VA\r\n'],
  ...['VALUE k 0 2 7\r\nab\r\nEND\r\n', 'VALUE k 0 2\r\nab\r\nEND\r\n', 'VALUE k 0 2 7\r\nab\r\n'],
  ...['END\r\n', 'STORED\r\n', 'NOT_STORED\r\n', 'EXISTS\r\n', 'NOT_FOUND\r\n', 'DELETED\r\n'],
  ...[
    'ERROR\r\n',
    'CLIENT_ERROR bad\r\n',
    'SERVER_ERROR out of memory\r\n',
    '\r\n',
    '\n',
    '\r',
    ' ',
  ],
  ...[
    'VERSION 1.6.18\r\n',
    'constructor\r\n',
    '__proto__\r\n',
    'toString c1\r\n',
    'x'.repeat(5000),
  ],
].map((text) => Buffer.from(text))
const piece = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...PIECES) },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes)) },
)
const stream = fc.array(piece, { maxLength: 8 }).map((pieces) => Buffer.concat(pieces))

/** All replies in what arrives, and how it ended. */
function parsed(chunks: readonly Buffer[]): { replies: WireReply[]; error: string | undefined } {
  const parser = new ReplyParser()
  const replies: WireReply[] = []
  try {
    for (const chunk of chunks) replies.push(...parser.push(chunk))
    return { replies, error: undefined }
  } catch (error) {
    return { replies, error: String(error) }
  }
}

describe('the parser, for any bytes', () => {
  test('tells the same replies wherever they are cut, and one error for what is none', () => {
    const cuts = fc.array(fc.nat(6000), { maxLength: 6 })
    const outcomes = new Set<string | undefined>()
    fc.assert(
      fc.property(stream, cuts, (bytes, at) => {
        const ends = [...at, 0, bytes.length].map((cut) => cut % (bytes.length + 1)).sort(byNumber)
        const chunks = ends.slice(1).map((end, i) => bytes.subarray(ends[i], end))
        const [bytewise, pieces] = [
          parsed(Array.from(bytes, (_, i) => bytes.subarray(i, i + 1))),
          parsed(chunks),
        ]
        expect(pieces.error).toBe(bytewise.error)
        // What came with the garbage in one piece is not told any more.
        const told = pieces.replies.map(plain)
        expect(bytewise.replies.map(plain).slice(0, told.length)).toEqual(told)
        if (pieces.error === undefined) expect(told).toHaveLength(bytewise.replies.length)
        outcomes.add(pieces.error)
      }),
      RUNS,
    )
    expect([...outcomes].sort()).toEqual(['Error: memcached sent what is no reply', undefined])
  })
})

const byNumber = (one: number, other: number) => one - other
const plain = ({ line, data }: WireReply) => `${line}|${data?.toString('latin1')}`

describe('a server that answers anything', () => {
  /** What is sent in answer to whatever comes; then the connection is closed, so that nothing waits. */
  let answer = Buffer.alloc(0)
  let server: Server
  const open = new Set<Socket>()
  beforeAll(async () => {
    server = createServer((socket) => {
      open.add(socket)
      socket.on('error', () => {}).on('close', () => open.delete(socket))
      socket.once('data', () => socket.end(answer))
    })
    await once(server.listen(0, '127.0.0.1'), 'listening')
  })
  afterAll(() => {
    for (const socket of open) socket.destroy()
    server.close()
  })

  test('is believed, or unavailable: every call ends, by an answer or a typed error', async () => {
    const request = { key: 'locks:l1:{n}', token: 't', ttlMs: 1000 }
    const calls = {
      acquire: (store: ReturnType<typeof memcachedStore>) => store.acquire(request),
      extend: (store) => store.extend(request),
      release: (store) => store.release(request),
      read: (store) => store.read([request.key]),
      remove: (store) => store.remove([request.key]),
    } satisfies Record<string, (store: ReturnType<typeof memcachedStore>) => unknown>
    const outcomes = new Set<string>()
    const { port } = server.address() as AddressInfo
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...Object.values(calls)), stream, async (call, bytes) => {
        answer = bytes
        const store = memcachedStore(metaTransport({ port, timeout: 240_000 }))
        try {
          await call(store)
          outcomes.add('answered')
        } catch (error) {
          if (!isLocksError(error)) throw error
          outcomes.add(error.code)
        } finally {
          await store.close?.()
        }
      }),
      { ...RUNS, numRuns: 150 },
    )
    expect([...outcomes]).toEqual(expect.arrayContaining(['STORE_UNAVAILABLE']))
  })
})

test('lines of any kind never fail in the handler of a client’s socket', () => {
  const seen: string[][] = []
  const client = {
    rawDataReceived(socket: { readonly bufferArray: string[] }) {
      seen.push(socket.bufferArray)
      // As the client does it.
      socket.bufferArray.forEach((line, i, lines) => {
        if (line.startsWith('VALUE ') && Number(line.split(' ')[2]) === 2 && i + 1 < lines.length)
          JSON.parse(lines[i + 1] ?? '')
      })
    },
  }
  guardParser(client as never)
  const line = fc.oneof(
    fc.string(),
    fc.constantFrom('VALUE k 2 3', 'VALUE k 2', 'VALUE', 'VALUE k 0 3', 'END', '{"a":1}', '{'),
  )
  fc.assert(
    fc.property(fc.array(line, { maxLength: 8 }), (lines) => {
      // Data that looks like a head is data.
      const paired = lines.filter(
        (each, i) => !(each.startsWith('VALUE') && lines[i - 1]?.startsWith('VALUE')),
      )
      client.rawDataReceived({ bufferArray: [...paired] })
      expect(seen.pop()).toHaveLength(paired.length)
    }),
    RUNS,
  )
})
