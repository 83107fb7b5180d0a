import t from 'tap'
import {
  portableSpecifiers,
  relativeSpecifiersIn,
  workerFilesIn,
} from '../../../../deploy/local/sdk/portable-specifiers.ts'

const wayTo = (alias: string, rest: string) => `../${alias}/${rest}`

t.test('specifiers of the repository become relative ones of JavaScript', async (t) => {
  const cases: [string, string][] = [
    ["import { a } from '#platform/clock/clock.ts'", "import { a } from '../../platform/clock/clock.js'"],
    ["export * from '../../sdk/b.ts'", "export * from '../../sdk/b.js'"],
    ['import "../../c.ts"', 'import "../../c.js"'],
    ["const x = await import('../../sdk/d.ts')", "const x = await import('../../sdk/d.js')"],
    ["let y: import('../../sdk/e.ts').E", "let y: import('../../sdk/e.js').E"],
    [
      "new Worker(new URL('../../sdk/f.ts', import.meta.url))",
      "new Worker(new URL('../../sdk/f.js', import.meta.url))",
    ],
    ["import { z } from 'zod'", "import { z } from 'zod'"],
    ["import { g } from '../../sdk/g.js'", "import { g } from '../../sdk/g.js'"],
    ["const h = './h.ts'", "const h = './h.ts'"],
    ["new URL('../../sdk/i.lua', import.meta.url)", "new URL('../../sdk/i.lua', import.meta.url)"],
  ]
  for (const [from, to] of cases) t.equal(portableSpecifiers(from, wayTo), to)
})

t.test('files of worker threads are found in both spellings', async (t) => {
  t.same(workerFilesIn("new URL('../../sdk/a.ts', import.meta.url)"), ['./a.js'])
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the text of a source
  t.same(workerFilesIn('new URL(`./b${extname(import.meta.url)}`, import.meta.url)'), ['./b.js'])
  t.same(workerFilesIn("new URL('../../sdk/c.lua', import.meta.url)"), [])
})

t.test('what a portable file imports', async (t) => {
  t.same(
    relativeSpecifiersIn("import { a } from '../../sdk/a.js'\nimport z from 'zod'\nimport('../../b.js')"),
    ['./a.js', '../b.js'],
  )
})
