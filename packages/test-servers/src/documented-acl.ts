import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { repoRoot } from './repo-root.ts'

/**
 * The ACL rules that pages of `docs/backends` give as minimal, for other prefixes than those of the pages:
 * so what is written there is what is tested.
 * @returns the words of an `ACL SETUSER` that follow the name of the user.
 */
export function documentedAcl(
  pages: readonly string[],
  { password, prefixes }: { readonly password: string; readonly prefixes: readonly string[] },
): string[] {
  const words = pages.flatMap((page) => {
    const text = readFileSync(join(repoRoot, 'docs', 'backends', page), 'utf8')
    const block = /Minimal ACL.*?```\n(.*?)```/s.exec(text)?.[1]
    if (!block) throw new Error(`${page} gives no minimal ACL`)
    return block.split(/\s+/).filter((word) => word !== '')
  })
  return words.flatMap((word) => {
    if (word === '>…') return `>${password}`
    const pattern = /^([~&])\S+:\*$/.exec(word)
    // The first of the page's prefixes stands for all of ours.
    if (pattern) return /locks/.test(word) ? prefixes.map((each) => `${pattern[1]}${each}:*`) : []
    return word
  })
}
