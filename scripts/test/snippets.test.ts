import { expect, test } from '@jest/globals'
import { snippetsOf } from '../lib/snippets.mjs'

test('every TypeScript block of a page is found, with the line of its fence', () => {
  const page = ['# A', '', '```ts', 'one()', '', 'two()', '```', '```sh', 'no', '```', '```ts']
  const markdown = [...page, 'three()', '```', ''].join('\n')
  expect(snippetsOf('a.md', markdown)).toEqual([
    { page: 'a.md', line: 3, text: 'one()\n\ntwo()\n' },
    { page: 'a.md', line: 11, text: 'three()\n' },
  ])
})

test('a block of another language, or an indented one, is left alone', () => {
  expect(snippetsOf('a.md', '```tsx\nno()\n```\n\n   ```ts\nno()\n```\n')).toEqual([])
})
