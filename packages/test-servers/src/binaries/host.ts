import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { repoRoot } from '../repo-root.ts'

/** The parts of a machine that decide where servers come from; tests pass their own. */
export interface Host {
  readonly env: Readonly<Record<string, string | undefined>>
  /** Folders searched after PATH: where servers live on machines whose PATH leaves them out. */
  readonly extraDirs: readonly string[]
  /** Holds one folder per unpacked package. */
  readonly cacheDir: string
  /** May packages be installed for the whole machine? */
  readonly root: boolean
  /** Debian's switch that keeps freshly installed services from starting. */
  readonly servicePolicyFile: string
}

/** The machine this process runs on. */
export function thisHost(): Host {
  return {
    env: process.env,
    extraDirs: ['/usr/sbin', '/usr/local/sbin', '/opt/homebrew/bin'],
    cacheDir: join(repoRoot, '.cache', 'servers', `${distribution()}-${process.arch}`),
    root: process.getuid?.() === 0,
    servicePolicyFile: '/usr/sbin/policy-rc.d',
  }
}

// A checkout may be shared by containers of different systems, whose libraries do not mix.
function distribution(): string {
  if (process.platform !== 'linux') return process.platform
  try {
    const release = readFileSync('/etc/os-release', 'utf8')
    const field = (name: string) => release.match(new RegExp(`^${name}="?([^"\n]*)`, 'm'))?.[1]
    return [field('ID') ?? 'linux', field('VERSION_ID')].filter(Boolean).join('-')
  } catch {
    return 'linux'
  }
}
