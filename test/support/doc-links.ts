import { posix } from 'node:path'

/** What links of the documents may lead to: paths of files and folders from the top of the repository, and each page's text. */
export interface DocSet {
  paths: ReadonlySet<string>
  /** Text of the Markdown files by path. */
  pages: ReadonlyMap<string, string>
}

const TREES = ['services', 'subjects', 'schemas', 'deploy', 'loadtest', 'test', 'docs', 'examples']
const MARKDOWN_LINK = /\]\(<?([^()\s>]+(?:\([^()\s]*\))?)>?(?:\s+"[^"]*")?\)/g
const REFERENCE_LINK = /^\s*\[[^\]]+\]:\s+(\S+)/gm
const HTML_LINK = /\b(?:href|src)="([^"]+)"/g
/** A path of the repository in code: no space, no pattern, nothing to be filled in. */
const CODE_PATH = new RegExp(`\`((?:${TREES.join('|')})/[\\w./-]+)\``, 'g')

/** Links of a page to files and headings that are not there, and paths in code that are not: one sentence a fault. */
export function checkDocLinks({ paths, pages }: DocSet): string[] {
  return [...pages].flatMap(([page, text]) => {
    const prose = withoutCode(text)
    const links = [MARKDOWN_LINK, REFERENCE_LINK, HTML_LINK].flatMap((pattern) =>
      [...prose.matchAll(pattern)].map((match) => match[1]!),
    )
    const mentions = [...withoutFences(text).matchAll(CODE_PATH)].map((match) => match[1]!)
    return [
      ...links.flatMap((link) => checkLink(page, link, paths, pages)),
      ...mentions
        .filter((path) => !paths.has(path.replace(/\/$/, '')))
        .map((path) => `${page}: names ${path}, which is not there`),
    ]
  })
}

function checkLink(
  page: string,
  link: string,
  paths: ReadonlySet<string>,
  pages: ReadonlyMap<string, string>,
): string[] {
  if (/^[a-z][a-z+.-]*:/i.test(link)) return []
  const [file, anchor] = link.split('#', 2) as [string, string?]
  const target = file === '' ? page : posix.join(posix.dirname(page), decodeURIComponent(file))
  if (!paths.has(target.replace(/\/$/, ''))) return [`${page}: links to ${target}, which is not there`]
  const text = pages.get(target)
  if (anchor === undefined || text === undefined || headingAnchors(text).has(anchor)) return []
  return [`${page}: links to #${anchor} in ${target}, which has no such heading`]
}

/** What GitHub makes of the headings of a page, and the ids that are written in it. */
export function headingAnchors(text: string): ReadonlySet<string> {
  const anchors = new Set<string>()
  const seen = new Map<string, number>()
  for (const [, heading] of withoutFences(text).matchAll(/^#{1,6}\s+(.+?)\s*#*\s*$/gm)) {
    const slug = heading!
      .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\p{M}_\- ]/gu, '')
      .replaceAll(' ', '-')
    const before = seen.get(slug) ?? 0
    seen.set(slug, before + 1)
    anchors.add(before === 0 ? slug : `${slug}-${before}`)
  }
  for (const [, id] of text.matchAll(/\b(?:id|name)="([^"]+)"/g)) anchors.add(id!)
  return anchors
}

function withoutFences(text: string): string {
  return text.replace(/^( *)(```+|~~~+)[\s\S]*?^\1\2\s*$/gm, '')
}

function withoutCode(text: string): string {
  return withoutFences(text).replace(/(`+)(?!`)[^\n]*?[^`\n]\1(?!`)/g, '')
}
