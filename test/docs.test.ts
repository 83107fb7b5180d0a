import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { DEFAULTS, LIMITS } from '#schemas/limits.ts'
import { ERRORS } from '#schemas/problem.ts'
import { checkDocLinks, headingAnchors } from './support/doc-links.ts'
import { tableRows } from './support/doc-tables.ts'
import { checkFolderMap, readFolderMap } from './support/folder-map.ts'
import { foldersOf, projectPaths, ROOT } from './support/source-files.ts'

const paths = projectPaths()
const folders = foldersOf(paths)

t.test('docs/errors.md has every code with its status and its fix, and no other', async (t) => {
  const expected = Object.entries(ERRORS).map(([code, { status, fix }]) => [
    `\`${code}\``,
    String(status),
    fix,
  ])
  t.strictSame(tableRows('errors.md').toSorted(), expected.toSorted())
})

t.test('docs/limits.md has every limit and default with its value, and no other', async (t) => {
  const { retry, ...flat } = DEFAULTS
  const expected = [
    ...Object.entries(LIMITS),
    ...Object.entries(flat),
    ...Object.entries(retry).map(([name, value]) => [`retry.${name}`, value] as const),
  ].map(([name, value]) => [`\`${name}\``, String(value)])
  const rows = tableRows('limits.md')
  t.strictSame(rows.map((row) => row.slice(0, 2)).toSorted(), expected.toSorted())
  t.strictSame(
    rows.filter((row) => !row[3]),
    [],
    'each says what it means',
  )
})

t.test('links of every page lead to files and headings that are there', async (t) => {
  const pages = paths.filter((path) => path.endsWith('.md'))
  t.ok(pages.length > 20, 'pages were found')
  const texts = new Map(pages.map((path) => [path, readFileSync(join(ROOT, path), 'utf8')]))
  t.strictSame(checkDocLinks({ paths: new Set([...paths, ...folders]), pages: texts }), [])
})

t.test('links: what leads nowhere is found', async (t) => {
  const other =
    '# Other page\n\n## What a *slot* is: `ctx.slot`, and more\n\n## Same\n\n## Same\n\n<a id="by-hand"></a>\n'
  const check = (text: string) =>
    checkDocLinks({
      paths: new Set(['docs', 'docs/a.md', 'docs/b.md', 'services', 'services/x.ts', 'README.md']),
      pages: new Map([
        ['docs/a.md', text],
        ['docs/b.md', other],
      ]),
    })
  const bad = [
    '[x](c.md)',
    '[x](../services/y.ts)',
    '[x](b.md#nothing)',
    '[x](#nothing)',
    '[`x`](c.md "title")',
    '[![picture](c.png)](b.md)',
    '[x]: c.md',
    '<a href="c.md">x</a>',
    'see `services/y.ts`',
  ]
  for (const text of bad) t.equal(check(text).length, 1, text)
  t.strictSame(check('[x](b.md#nothing)'), [
    'docs/a.md: links to #nothing in docs/b.md, which has no such heading',
  ])
  const good = [
    '[x](b.md) [x](../README.md) [x](../services/) [x](https://nats.io/x.md) [x](mailto:a@b.c)',
    '[x](b.md#what-a-slot-is-ctxslot-and-more) [x](b.md#same-1) [x](b.md#by-hand)',
    '# Here\n[x](#here)',
    '```md\n[x](c.md)\n# Not a heading\n```',
    'written `[x](c.md)`, and `services/x.ts`, `services/<name>.ts`, `services/*.ts`',
  ]
  for (const text of good) t.strictSame(check(text), [], text)
  t.notOk(headingAnchors('```sh\n# comment\n```\n').has('comment'))
})

t.test('the map in docs/architecture.md has the folders that there are', async (t) => {
  const map = readFolderMap(readFileSync(join(ROOT, 'docs/architecture.md'), 'utf8'))
  t.ok(map.length > 20, 'the map was found')
  t.strictSame(checkFolderMap(map, new Set([...folders].filter((path) => !path.startsWith('.')))), [])
})

t.test('the map: what is missing on either side is found', async (t) => {
  const read = (lines: string) =>
    readFolderMap(`<!-- map:begin -->\n\`\`\`\n${lines}\n\`\`\`\n<!-- map:end -->`)
  const map = read(
    'services/      all of them\n  edge/        REST\ntest/          tests\n  chaos/       faults',
  )
  t.strictSame(map[1], { path: 'services/edge', what: 'REST' })
  const folders = ['services', 'services/edge', 'services/edge/rest', 'test', 'test/chaos', 'test/edge']
  t.strictSame(checkFolderMap(map, new Set(folders)), [])
  t.strictSame(checkFolderMap(map, new Set([...folders, 'services/cli', 'test/long', 'loadtest'])), [
    'services/cli is missing in the map',
    'test/long is missing in the map',
    'loadtest is missing in the map',
  ])
  t.strictSame(checkFolderMap(map, new Set(folders.filter((path) => path !== 'test/chaos'))), [
    'the map names test/chaos, which is not there',
  ])
  t.strictSame(checkFolderMap(read('services/'), new Set(['services'])), [
    'the map says nothing about services',
  ])
  t.throws(() => read('  edge/   REST'), /a level is missing above/)
  t.throws(() => read('edge is for REST'), /no line of the map/)
})
