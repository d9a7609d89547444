import { extractSnippets } from '../../scripts/lib/snippets.mjs'

// The examples of the documentation that are tests: they register themselves.
for (const { file, text } of extractSnippets()) {
  if (text.includes("from '@jest/globals'")) await import(file)
}
