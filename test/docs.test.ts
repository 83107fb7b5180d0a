import t from 'tap'
import { DEFAULTS, LIMITS } from '#schemas/limits.ts'
import { ERRORS } from '#schemas/problem.ts'
import { tableRows } from './support/doc-tables.ts'

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
