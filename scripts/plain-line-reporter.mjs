/**
 * Counts tests for the closing line of `pnpm test`, and names the skipped ones: a skipped test is
 * a guarantee that this machine did not check.
 *
 * A suite that failed outside its tests (it did not load, or a hook after the last test threw) has
 * no failed test to show for it, so it counts as one.
 */
export default class PlainLineReporter {
  #filtered

  constructor(globalConfig) {
    this.#filtered = Boolean(globalConfig.testNamePattern)
  }

  onRunComplete(_contexts, results) {
    const passed = results.numPassedTests
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites
    const skipped = results.numPendingTests + results.numTodoTests

    // Under `-t`, everything that does not match is "skipped": naming it all would say nothing.
    if (!this.#filtered) for (const name of skippedNames(results)) console.log(`skipped: ${name}`)

    if (process.send) process.send({ passed, failed, skipped })
    else console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`)
  }
}

function skippedNames(results) {
  return results.testResults
    .flatMap((suite) => suite.testResults)
    .filter((test) => ['pending', 'todo', 'skipped', 'disabled'].includes(test.status))
    .map((test) => [...test.ancestorTitles, test.title].join(' › '))
}
