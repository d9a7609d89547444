import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { check, parseHistory } from '@locks/history'
import type { Options } from '../options.ts'
import { EXPECTED } from '../run/record-run.ts'
import { withWorkers } from '../workers/with-workers.ts'

/**
 * Keeps the histories of simulated processes, a file for each, and judges them by the checks that real
 * runs are judged by. @returns whether all is well.
 */
export function checkHistories({ seed, schedules }: Options, folder: string): Promise<boolean> {
  return withWorkers(1, async (pool) => {
    await mkdir(folder, { recursive: true })
    let found = 0
    let operations = 0
    for (let each = seed; each < seed + schedules; each++) {
      const { texts } = await pool.run({ kind: 'history', seed: each })
      for (const [process, text] of texts) {
        await writeFile(join(folder, `${each}-${process}.jsonl`), text)
      }
      const history = parseHistory([...texts.values()])
      const { violations } = check(history, EXPECTED)
      for (const { check: name, message } of violations) {
        console.log(`seed ${each}: ${name}: ${message}`)
      }
      operations += history.operations.length
      found += violations.length
    }
    console.log(`${schedules} histories, ${operations} operations: ${found} violations`)
    return found === 0
  })
}
