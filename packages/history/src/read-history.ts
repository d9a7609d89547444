import { readFile } from 'node:fs/promises'
import type { History } from './history.ts'
import { parseHistory } from './parse-history.ts'

/** The history of all processes of a run, from the files of their recorders. */
export async function readHistory(files: readonly string[]): Promise<History> {
  return parseHistory(await Promise.all(files.map((file) => readFile(file, 'utf8'))))
}
