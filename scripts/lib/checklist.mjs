/**
 * Which promises of `packages/checklist/checklist.json` are shown by passing tests. A test shows line 27
 * if its full name contains `[C27]`, and a row of the seeds if it contains `seed: ` and the row's name.
 */

/** `{ title, shown, tests, failed }` of every entry, lines first; `results` is what `jest --json` writes. */
export function judge({ lines, seeds }, results) {
  const tests = results.testResults.flatMap((file) =>
    file.assertionResults.map(({ fullName, status }) => ({ name: fullName, status })),
  )
  return [
    ...lines.map((entry) => verdict(entry, `${entry.line}`, entry.how, tests, showsLine(entry))),
    ...seeds.map((entry) => verdict(entry, entry.seed, entry.here, tests, showsSeed(entry, seeds))),
  ]
}

const showsLine =
  ({ line }) =>
  (name) =>
    name.includes(`[C${line}]`)

/** One row's name may begin with another's. */
function showsSeed({ seed }, seeds) {
  const longer = seeds
    .map((other) => other.seed)
    .filter((other) => other !== seed && other.startsWith(seed))
  return (name) =>
    name.includes(`seed: ${seed}`) && !longer.some((other) => name.includes(`seed: ${other}`))
}

function verdict({ says, later = false }, title, how, tests, shows) {
  const tagged = tests.filter(({ name }) => shows(name))
  const passed = tagged.filter(({ status }) => status === 'passed').map(({ name }) => name)
  const failed = tagged.filter(({ status }) => status === 'failed').map(({ name }) => name)
  return {
    title,
    says,
    how,
    later,
    passed,
    failed,
    shown: passed.length > 0 && failed.length === 0,
  }
}

/** What is due and not shown. */
export function missing(verdicts) {
  return verdicts.filter(({ shown, later }) => !shown && !later)
}

/** The text for one entry. */
export function describeVerdict({ title, says, how, later, passed, failed, shown }) {
  const state = shown ? 'ok     ' : later ? 'later  ' : 'MISSING'
  const head = `${state} ${title.padStart(3)}  ${[says, how].filter(Boolean).join(' · ')}`
  const shownBy = passed.slice(0, 3).map((name) => `             ${name}`)
  const more = passed.length > 3 ? [`             and ${passed.length - 3} more`] : []
  return [head, ...failed.map((name) => `      FAILED ${name}`), ...shownBy, ...more].join('\n')
}

/** The tags of tests, as one pattern: for Jest's `-t` and for finding the files. */
export const tagPattern = String.raw`\[C\d+\]|seed: [A-Za-z]`
