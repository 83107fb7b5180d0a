import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The command lines of a section of a document, as they stand in its blocks of shell; continued lines are joined. */
export function commandsOf(root: string, document: string, section: string): string[] {
  const text = readFileSync(join(root, 'docs', document), 'utf8')
  const [, body] = text.split(`\n## ${section}\n`)
  if (body === undefined) throw new Error(`docs/${document} has no section ${section}`)
  const [part = ''] = body.split('\n## ')
  return [...part.matchAll(/```sh\n([\s\S]*?)```/g)].flatMap(([, block = '']) =>
    block
      .replaceAll('\\\n', ' ')
      .split('\n')
      .map((line) => line.replace(/\s+# .*$/, '').trim())
      .filter((line) => line !== ''),
  )
}
