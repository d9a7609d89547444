import { extractSnippets } from '../../scripts/lib/snippets.mjs'

/** Pages with examples that are tests. Each is run in a file of its own: its hooks are for it alone. */
export const PAGES_WITH_TESTS = ['custom-store.md', 'testing.md']

/** Imports the examples of a page that are tests: they register themselves. */
export async function registerTestsOf(page: string): Promise<void> {
  for (const { page: of, file, text } of extractSnippets()) {
    if (of === page && isTest(text)) await import(file)
  }
}

export const isTest = (text: string): boolean => text.includes("from '@jest/globals'")
