import { openSync, writeSync } from 'node:fs'
import { Recorder } from './recorder.ts'
import { sharedClock } from './shared-clock.ts'

/**
 * Records the history of this process in a new file. Each line is handed to the system at once, so a
 * SIGKILL loses none that was written.
 *
 * @throws if the file exists: two processes in one file would be read as one.
 */
export function openRecorder(process: string, file: string): Recorder {
  const descriptor = openSync(file, 'ax')
  return new Recorder({
    process,
    now: sharedClock.now,
    write: (line) => {
      writeSync(descriptor, line)
    },
  })
}
