import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  type BuildContext,
  type BuildOptions,
  type BuildResult,
  build,
  context,
  type Plugin,
} from 'esbuild'
import type { Patch } from '../bugs/bug.ts'
import { PACKAGES, patchedSources } from '../bugs/patched-sources.ts'
import { quickSpreads } from './quick-spreads.ts'

const SOURCES = join(import.meta.dirname, '..')
const CACHE = join(PACKAGES, '../.cache/simulator')
const PLAIN_CONTEXT = join(SOURCES, 'bundle/plain-context.ts')
/** Simulated memcached needs the real one. */
const IN_PRODUCTION = /packages\/(?!simulator)[a-z-]+\/src\//

const OPTIONS = {
  bundle: true,
  platform: 'node',
  target: 'node20',
  conditions: ['@locks/source'],
  external: ['esbuild'],
  logLevel: 'silent',
  write: false,
} satisfies BuildOptions

/** Makes one file of many sources: what runs 200,000 schedules is compiled once, and without a loader. */
export class Bundler {
  #patched: ReadonlyMap<string, string> = new Map()
  #subjects: Promise<BuildContext<{ write: false }>> | undefined
  #last: Promise<unknown> = Promise.resolve()

  /** The simulator with the production code. @returns the path of an ES module. */
  async worker(): Promise<string> {
    await mkdir(CACHE, { recursive: true })
    const outfile = join(CACHE, `worker-${process.pid}.mjs`)
    const entry = join(SOURCES, 'worker.ts')
    const bundled = await build({
      ...OPTIONS,
      entryPoints: [entry],
      plugins: [plainContext],
      format: 'esm',
    })
    await writeFile(outfile, codeOf(bundled))
    return outfile
  }

  /**
   * The production code with `patches` applied.
   * @returns the text of a CommonJS module.
   * @throws Error when a passage to be replaced does not occur exactly once.
   */
  subject(patches: readonly Patch[]): Promise<string> {
    const building = this.#last.then(() => this.#build(patches))
    this.#last = building.catch(() => {})
    return building
  }

  async close(): Promise<void> {
    await (await this.#subjects)?.dispose()
  }

  /** One at a time. */
  async #build(patches: readonly Patch[]): Promise<string> {
    this.#patched = patchedSources(patches)
    this.#subjects ??= context({
      ...OPTIONS,
      entryPoints: [join(SOURCES, 'run/production.ts')],
      format: 'cjs',
      plugins: [plainContext, this.#patching()],
    })
    return codeOf(await (await this.#subjects).rebuild())
  }

  #patching(): Plugin {
    return {
      name: 'patches',
      setup: ({ onLoad }) =>
        onLoad({ filter: /\.ts$/ }, ({ path }) => {
          const contents = this.#patched.get(path)
          return contents === undefined ? undefined : { contents, loader: 'ts' }
        }),
    }
  }
}

const codeOf = ({ outputFiles: [file] }: BuildResult<{ write: false }>): string =>
  quickSpreads(file?.text ?? '')

const plainContext: Plugin = {
  name: 'plain context',
  setup: ({ onResolve }) =>
    onResolve({ filter: /^node:async_hooks$/ }, ({ importer }) =>
      IN_PRODUCTION.test(importer) ? { path: PLAIN_CONTEXT } : undefined,
    ),
}
