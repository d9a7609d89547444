import type { Job } from './job.ts'

const kept: number[][] = []

/** What must be found. */
export const leakyJobs: Readonly<Record<string, Job>> = {
  async heap(_site, n) {
    kept.push(Array.from({ length: 10_000 }, (_, i) => n + i))
  },

  async listeners({ forever }) {
    forever.addEventListener('abort', () => {})
  },

  async resources() {
    setInterval(() => {}, 60_000)
  },
}
