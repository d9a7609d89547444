/** A literal that begins with what it copies, and adds to it: no pattern, and no plain copy. */
const COPIES_AND_ADDS = /\{(\s+)\.\.\.(?!\w+ \})/g

/**
 * The same code for the V8 of Node 20, where `{ ...a, b }` makes a hidden class for each object: ten times
 * as slow as here, and so is all that reads the object; a seventh of all time. Not so when something else
 * is copied first, were it nothing.
 */
export const quickSpreads = (code: string): string =>
  code.replace(COPIES_AND_ADDS, '{$1...null, ...')
