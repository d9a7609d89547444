/**
 * Fails for an exported noun of a published package, or an option of one, that has no docstring: an editor
 * shows nothing else of it.
 */
import { join } from 'node:path'
import { API, SymbolFlags } from 'typescript/unstable/sync'
import { publishedPackages } from './lib/published.mjs'
import { root } from './lib/run.mjs'

const TYPE = SymbolFlags.Interface | SymbolFlags.TypeAlias

/** `name file` of each export of a package that has no docstring, and of each such option. */
function undocumented(api, { folder, manifest }) {
  const config = join(folder, 'tsconfig.json')
  const { checker, program } = api.updateSnapshot({ openProjects: [config] }).getProject(config)
  const exported = Object.values(manifest.exports)
    .filter((entry) => typeof entry === 'object')
    .map((entry) => program.getSourceFile(join(folder, entry['@locks/source'])))
    .flatMap((file) => checker.getExportsOfModule(checker.getSymbolAtLocation(file)))
    .map((symbol) => (symbol.flags & SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol))
  const options = exported
    .filter(({ name, flags }) => name.endsWith('Options') && flags & TYPE)
    .flatMap((symbol) => checker.getPropertiesOfType(checker.getDeclaredTypeOfSymbol(symbol)))
  return [...exported, ...options]
    .filter((symbol) => checker.getDocumentationCommentOfSymbol(symbol) === '')
    .map(({ name, declarations }) => `${name} ${declarations[0]?.path.slice(root.length) ?? ''}`)
}

const api = new API({ cwd: root })
try {
  const found = publishedPackages().flatMap((published) => undocumented(api, published))
  for (const line of new Set(found)) console.error(`no docstring: ${line}`)
  if (found.length > 0) process.exitCode = 1
} finally {
  api.close()
}
