/**
 * `pnpm nemesis`: real workers on real servers, and faults as long as asked for. Exit code 1 if something
 * promised was broken, or if too little was seen to say that nothing was.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sharedClock } from '@locks/history'
import { judge, type Least } from './judge/judge.ts'
import { type Options, parseOptions, USAGE } from './options.ts'
import { figures, report } from './report.ts'
import { run } from './run.ts'

const MINUTE_MS = 60_000
const PATIENCE_MINUTES = 10
/** From here on each fault is seen often enough to ask for each hole. */
const LONG_MINUTES = 10

async function main(): Promise<void> {
  const options = parseOptions(process.argv.slice(2))
  const { backend, json, minutes, seed } = options
  const folder = options.keep ?? (await mkdtemp(join(tmpdir(), 'locks-nemesis-')))
  const tellWhere = () => console.error(`histories: ${folder}`)
  let overMs = Infinity
  const stuck = () => {
    throw new Error('it does not end: something has not gone on after a fault')
  }
  setTimeout(stuck, (minutes + PATIENCE_MINUTES) * MINUTE_MS).unref()
  const done = await run({
    backend,
    seed,
    keep: folder,
    privateNetwork: true,
    steppedClocks: true,
    isEnough(steps) {
      if (steps === 1) overMs = sharedClock.now() + minutes * MINUTE_MS
      return sharedClock.now() >= overMs
    },
  }).catch((error) => {
    tellWhere()
    throw error
  })
  const judgement = judge(done, leastOf(options))
  console.log(
    json ? JSON.stringify(figures(options, done, judgement)) : report(options, done, judgement),
  )
  if (judgement.is !== 'sound') {
    process.exitCode = 1
    tellWhere()
  } else if (folder !== options.keep) await rm(folder, { recursive: true })
}

function leastOf({ minutes }: Options): Least {
  const isLong = minutes >= LONG_MINUTES
  return {
    grants: Math.floor(minutes * 50),
    ambiguous: isLong ? 10 : 0,
    commands: Math.floor(minutes * 50),
    whileHeld: isLong ? Math.floor(minutes / 10) : 0,
    holes: isLong,
  }
}

await main().catch((error: Error) => {
  console.error(`${error.message}\n\n${USAGE}`)
  process.exitCode = 1
})
