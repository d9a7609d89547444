import { describe, expect, test } from '@jest/globals'
import { ReplyParser } from '../../src/meta/reply-parser.ts'

/** Looks like replies, line ends and all, and is no text. */
const nasty = Buffer.concat([
  Buffer.from('\r\nEND\r\nVA 3 c1\r\nHD\r\n'),
  Buffer.from([0, 255, 13, 10, 13, 128]),
])
const line = (text: string) => Buffer.from(`${text}\r\n`)
const block = (text: string, data: Buffer) => Buffer.concat([line(text), data, line('')])

const stream = Buffer.concat([
  line('MN'),
  line('HD c18446744073709551615'),
  block(`VA ${nasty.length} c7 t-1`, nasty),
  line('EN'),
  block('VA 0 c8 t60', Buffer.alloc(0)),
  block(`VALUE k 0 ${nasty.length} 9`, nasty),
  line('END'),
  line('END'),
  line('SERVER_ERROR out of memory storing object'),
  line('NS c0'),
])

const expected = [
  { line: 'MN' },
  { line: 'HD c18446744073709551615' },
  { line: `VA ${nasty.length} c7 t-1`, data: nasty },
  { line: 'EN' },
  { line: 'VA 0 c8 t60', data: Buffer.alloc(0) },
  { line: `VALUE k 0 ${nasty.length} 9`, data: nasty },
  { line: 'END' },
  { line: 'SERVER_ERROR out of memory storing object' },
  { line: 'NS c0' },
]

function parse(chunks: readonly Buffer[]) {
  const parser = new ReplyParser()
  return chunks.flatMap((chunk) => parser.push(chunk))
}

describe('pipelined replies with binary data are the same', () => {
  test('in one piece', () => {
    expect(parse([stream])).toEqual(expected)
  })

  test('in pieces of any length', () => {
    for (let size = 1; size <= stream.length; size++) {
      const starts = Array.from({ length: Math.ceil(stream.length / size) }, (_, at) => at * size)
      const chunks = starts.map((start) => stream.subarray(start, start + size))
      expect(parse(chunks)).toEqual(expected)
    }
  })

  test('cut at any two places', () => {
    for (let first = 0; first <= stream.length; first++) {
      for (let second = first; second <= stream.length; second++) {
        const cuts = [0, first, second, stream.length]
        const chunks = cuts.slice(1).map((cut, at) => stream.subarray(cuts[at], cut))
        const replies = parse(chunks)
        // Cheap first: the full comparison of all these cuts takes a minute.
        if (replies.length !== expected.length) expect({ first, second, replies }).toEqual(expected)
        replies.forEach(({ line, data }, at) => {
          const wanted = expected[at]
          const same = line === wanted?.line && dataEqual(data, wanted.data)
          if (!same) expect({ first, second, line, data }).toEqual(wanted)
        })
      }
    }
  })
})

const dataEqual = (a: Buffer | undefined, b: Buffer | undefined) =>
  a === undefined || b === undefined ? a === b : a.equals(b)

test('a reply is told as soon as its last byte is there, not before', () => {
  const parser = new ReplyParser()
  expect(parser.push(Buffer.from('VA 2 c1\r\nab\r'))).toEqual([])
  expect(parser.push(Buffer.from('\nHD\r'))).toHaveLength(1)
  expect(parser.push(Buffer.from('\n'))).toEqual([{ line: 'HD' }])
})

describe('what cannot be a reply is an error, wherever it is cut:', () => {
  test.each([
    ['a size that is none', 'VA x c1\r\n'],
    ['a size below zero', 'VA -1 c1\r\n'],
    ['no size', 'VA\r\n'],
    ['a size no value has', 'VA 99999999999 c1\r\n'],
    ['data longer than announced', 'VA 1 c1\r\nab\r\n'],
    ['data shorter than announced', 'VA 3 c1\r\na\r\nHD\r\n'],
    ['a VALUE without its END', 'VALUE k 0 1 5\r\na\r\nSTORED\r\n'],
    ['two VALUEs', 'VALUE k 0 1 5\r\na\r\nVALUE k 0 1 5\r\na\r\nEND\r\n'],
    ['a line without end', 'E'.repeat(5000)],
    ['a line that is too long', `${'E'.repeat(5000)}\r\n`],
  ])('%s', (_, text) => {
    const bytes = Buffer.from(text)
    for (let cut = 0; cut <= Math.min(bytes.length, 100); cut++) {
      expect(() => parse([bytes.subarray(0, cut), bytes.subarray(cut)])).toThrow('no reply')
    }
  })
})
