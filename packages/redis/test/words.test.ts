import { describe, expect, test } from '@jest/globals'
import { Words } from '../src/words.ts'

describe.each([
  ['bytes', (text: string) => Buffer.from(text)],
  ['a text', (text: string) => text],
])('an answer that is %s', (_name, answer) => {
  test('is read word by word, numbers as numbers', () => {
    const words = new Words(answer('granted 1795236712804 31500 1795236712804123 0'))
    expect(words.word()).toBe('granted')
    expect(words.number()).toBe(1795236712804)
    expect(words.number()).toBe(31500)
    expect(words.isOver).toBe(false)
    expect(words.number()).toBe(1795236712804123)
    expect(words.isOver).toBe(false)
    expect(words.number()).toBe(0)
    expect(words.isOver).toBe(true)
  })

  test('may tell that something never ends', () => {
    const words = new Words(answer('held 5 Infinity 1'))
    expect([words.word(), words.number()]).toEqual(['held', 5])
    expect([words.number(), words.number()]).toEqual([Number.POSITIVE_INFINITY, 1])
    expect(words.isOver).toBe(true)
  })

  test('may be one word', () => {
    const words = new Words(answer('late'))
    expect([words.word(), words.isOver]).toEqual(['late', true])
  })
})
