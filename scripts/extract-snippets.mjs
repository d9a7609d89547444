/** Writes the TypeScript blocks of `docs/*.md` to files, for the type checker. */
import { extractSnippets } from './lib/snippets.mjs'

extractSnippets()
