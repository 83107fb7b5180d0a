import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export const RUNBOOKS = join(import.meta.dirname, '../../../docs/runbooks')

/** The pages of docs/runbooks by the alert that they are about. */
export function runbooks(): Map<string, string> {
  const names = readdirSync(RUNBOOKS).filter((name) => name !== 'README.md')
  return new Map(names.map((name) => [name.replace(/\.md$/, ''), readFileSync(join(RUNBOOKS, name), 'utf8')]))
}

/** Lines of the fenced blocks of one language. */
export function blocks(page: string, language: string): string[] {
  return [...page.matchAll(new RegExp(`\`\`\`${language}\n([\\s\\S]*?)\`\`\``, 'g'))].flatMap(([, text]) =>
    text!.split('\n').filter((line) => line !== ''),
  )
}
