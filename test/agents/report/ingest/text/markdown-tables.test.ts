import t from 'tap'
import { markdownTables } from '../../../../../services/agents/report/ingest/text/markdown-tables.ts'

t.test('tables with and without bars outside, under their headings', async (t) => {
  const text = `# Report
| Region | Units |
|:-------|------:|
| **North** | 1 |
| a \\| b | \`2\` |

## Costs
Year | Cost
--- | ---
2020 | 5.5
`
  t.strictSame(markdownTables(text), [
    { csv: 'Region\tUnits\nNorth\t1\n"a | b"\t2', heading: 'Report' },
    { csv: 'Year\tCost\n2020\t5.5', heading: 'Costs' },
  ])
})

t.test('code is code, except where it says that it is CSV', async (t) => {
  const text = '```\n| a | b |\n|---|---|\n| 1 | 2 |\n```\n\n```csv\na,b\n1,2\n3,4\n```'
  t.strictSame(markdownTables(text), [{ csv: 'a,b\n1,2\n3,4' }])
  t.strictSame(markdownTables('a | b\nno rule\n1 | 2'), [])
  t.strictSame(markdownTables('Title\n---\ntext'), [], 'a heading')
})

t.test('a row of dashes that never ends costs no time', async (t) => {
  const started = process.hrtime.bigint()
  markdownTables(`a|b\n${' '.repeat(200_000)}-${' '.repeat(200_000)}x\n`.repeat(5))
  t.ok(process.hrtime.bigint() - started < 2_000_000_000n)
})
