import type { ListReply, ListRequest } from '@locks/core'
import type { ScriptRunner } from './script-runner.ts'

/** Keys that the server looks at per page, during which it serves nobody else. */
const SCANNED = '1000'

/** One page of the keys that begin with `prefix`, of one type if so wanted. */
export async function listKeys(
  runner: ScriptRunner,
  { prefix, cursor = '0' }: ListRequest,
  type?: string,
): Promise<ListReply> {
  const start = runner.pushedPrefix
  const match = `${(start + prefix).replaceAll(/[*?[\]\\^]/g, '\\$&')}*`
  const command = [
    'SCAN',
    cursor,
    'MATCH',
    match,
    'COUNT',
    SCANNED,
    ...(type ? ['TYPE', type] : []),
  ]
  const [next, found] = (await runner.send(command)) as [unknown, unknown[]]
  return {
    keys: found.map((key) => String(key).slice(start.length)),
    ...(String(next) !== '0' && { cursor: String(next) }),
  }
}
