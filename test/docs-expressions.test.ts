import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { LIMITS } from '#schemas/limits.ts'
import { checkExpression, evaluate, type Scope } from '#workflow/expressions/expression.ts'
import { FUNCTION_NAMES } from '#workflow/expressions/expression-functions.ts'
import { ROOT } from './support/source-files.ts'

const page = readFileSync(join(ROOT, 'docs/expressions.md'), 'utf8')
const scope = JSON.parse(
  /<!-- scope:begin -->\s*```json\n([\s\S]*?)```\s*<!-- scope:end -->/.exec(page)![1]!,
) as Scope

/** Lines of the blocks in CEL: an expression, and after the last comment sign what becomes of it. */
const examples = [...page.matchAll(/```cel\n([\s\S]*?)```/g)].flatMap(([, block]) =>
  block!
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const at = line.lastIndexOf(' // ')
      return { text: line.slice(0, at).trim(), expected: line.slice(at + 4) }
    }),
)

t.test('every example comes to what the page says', async (t) => {
  t.ok(examples.length > 40, 'examples were found')
  for (const { text, expected } of examples) {
    const [, kind, part] = /^(fails|refused): (.+)$/.exec(expected) ?? []
    const fault = checkExpression(text, Object.keys(scope))
    const result = evaluate(text, scope)
    if (kind === 'refused') t.ok(fault?.message.includes(part!), `${text}: ${fault?.message}`)
    else if (kind === 'fails')
      t.ok(!fault && !result.ok && result.message.includes(part!), `${text}: ${expected}`)
    else t.strictSame([fault, result], [undefined, { ok: true, value: JSON.parse(expected) }], text)
  }
})

t.test('the page has every function and the limits as they are', async (t) => {
  const written = [...page.matchAll(/^\| `.*$/gm)].map(([row]) => row).join('\n')
  for (const name of [...FUNCTION_NAMES, 'has', 'all', 'exists', 'exists_one', 'filter', 'map'])
    t.match(written, new RegExp(`\\b${name}\\(`), name)
  const limits = page.slice(page.indexOf('## Limits'), page.indexOf('## Other'))
  for (const [name, value] of Object.entries(LIMITS))
    if (name.startsWith('expression')) t.ok(limits.includes(` ${value.toLocaleString('en')} `), name)
})
