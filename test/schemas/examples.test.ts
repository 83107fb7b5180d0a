import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { z } from 'zod'
import { ROOT } from '../support/source-files.ts'

const folder = join(ROOT, 'schemas')
const files = readdirSync(folder).filter((file) => file.endsWith('.ts'))
/** Which schema an example is of: that of its declared type, as in `planExample: Plan` or `planExample: PlanInput`. */
const DECLARATION = /^export const (\w+Example): (\w+) =/gm

const modules = await Promise.all(
  files.map(async (file) => {
    const exports: Record<string, unknown> = await import(join(folder, file))
    const source = readFileSync(join(folder, file), 'utf8')
    const types = new Map([...source.matchAll(DECLARATION)].map(([, name, type]) => [name!, type!]))
    return { file, exports, types }
  }),
)

for (const { file, exports, types } of modules) {
  const names = Object.keys(exports).filter((name) => name.endsWith('Example'))
  for (const name of names) {
    t.test(`${file}: ${name} is what its schema asks for`, async (t) => {
      const schema = exports[schemaNameOf(types.get(name))]
      if (!(schema instanceof z.ZodType))
        return t.fail(`${name} has no declared type with a schema in its file`)
      const example = exports[name]
      const result = schema.safeParse(example)
      t.strictSame(result.error?.issues ?? [], [])
      t.strictSame(JSON.parse(JSON.stringify(example)), example, 'it survives the wire')
    })
  }
}

function schemaNameOf(type = ''): string {
  return `${type.charAt(0).toLowerCase()}${type.slice(1).replace(/Input$/, '')}Schema`
}

t.test('there are examples to check', async (t) => {
  const examples = modules.flatMap(({ exports }) =>
    Object.keys(exports).filter((name) => name.endsWith('Example')),
  )
  t.ok(examples.length >= 8, examples.join(', '))
})
