import t from 'tap'
import {
  portableSpecifiers,
  relativeSpecifiersIn,
  sourcesImportedBy,
  workerFilesIn,
} from '../../../../deploy/local/sdk/portable-specifiers.ts'

const wayTo = (alias: string, rest: string) => `../${alias}/${rest}`

t.test('specifiers of the repository become relative ones of JavaScript', async (t) => {
  const cases: [string, string][] = [
    ["import { a } from '#platform/clock/clock.ts'", "import { a } from '../platform/clock/clock.js'"],
    ["export * from './b.ts'", "export * from './b.js'"],
    ['import "../c.ts"', 'import "../c.js"'],
    ["const x = await import('./d.ts')", "const x = await import('./d.js')"],
    ["let y: import('./e.ts').E", "let y: import('./e.js').E"],
    ["new Worker(new URL('./f.ts', import.meta.url))", "new Worker(new URL('./f.js', import.meta.url))"],
    ["import { z } from 'zod'", "import { z } from 'zod'"],
    ["import { g } from './g.js'", "import { g } from './g.js'"],
    ["const h = './h.ts'", "const h = './h.ts'"],
    ["new URL('./i.lua', import.meta.url)", "new URL('./i.lua', import.meta.url)"],
  ]
  for (const [from, to] of cases) t.equal(portableSpecifiers(from, wayTo), to)
})

t.test('files of worker threads are found in both spellings', async (t) => {
  t.same(workerFilesIn("new URL('./a.ts', import.meta.url)"), ['./a.js'])
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the text of a source
  t.same(workerFilesIn('new URL(`./b${extname(import.meta.url)}`, import.meta.url)'), ['./b.js'])
  t.same(workerFilesIn("new URL('./c.lua', import.meta.url)"), [])
})

t.test('what a source imports of the repository', async (t) => {
  const text = "import { z } from 'zod'\nexport * from '../b.ts'\nlet y: import('#platform/clock/clock.ts').E"
  t.same(sourcesImportedBy(text), [
    { alias: undefined, path: '../b' },
    { alias: 'platform', path: 'clock/clock' },
  ])
})

t.test('what a portable file imports', async (t) => {
  t.same(relativeSpecifiersIn("import { a } from './a.js'\nimport z from 'zod'\nimport('../b.js')"), [
    './a.js',
    '../b.js',
  ])
})
