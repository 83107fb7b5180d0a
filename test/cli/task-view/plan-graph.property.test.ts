import fc from 'fast-check'
import t from 'tap'
import { drawPlanGraph, type GraphRow } from '../../../services/cli/task-view/plan-graph.ts'

interface Node {
  id: string
  needs: string[]
}

/** Steps in an order in which each comes behind those it needs. */
const plans = fc.array(fc.array(fc.nat(), { maxLength: 4 }), { minLength: 1, maxLength: 14 }).map((picks) =>
  picks.map(
    (needs, i): Node => ({
      id: `s${i}`,
      needs: i === 0 ? [] : [...new Set(needs.map((pick) => `s${pick % i}`))],
    }),
  ),
)

/** What somebody who only sees the drawing would say needs what. */
function readGraph(steps: readonly Node[], rows: readonly GraphRow[]): Node[] {
  const lanes = new Map<number, string>()
  return steps.map(({ id }, row) => {
    const { text, markAt } = rows[row]!
    const needs: string[] = []
    for (let column = 0; column < text.length; column += 2) {
      const sign = text[column]!
      const from = lanes.get(column)
      if (column === markAt) {
        if (from !== undefined) needs.push(from)
        lanes.set(column, id)
      } else if ('├┤┼╰╯┴'.includes(sign)) {
        needs.push(from ?? 'a line from nowhere')
        if ('╰╯┴'.includes(sign)) lanes.delete(column)
      } else if (sign !== '│') lanes.delete(column)
    }
    return { id, needs }
  })
}

const sorted = (steps: readonly Node[]) => steps.map(({ id, needs }) => ({ id, needs: needs.toSorted() }))

t.test('a drawing says exactly what a plan says', async (t) => {
  fc.assert(
    fc.property(plans, (steps) => {
      const rows = drawPlanGraph(steps)
      if (!rows) return
      t.strictSame(sorted(readGraph(steps, rows)), sorted(steps), rows.map(({ text }) => text).join('\n'))
      t.equal(new Set(rows.map(({ text }) => text.length)).size, 1, 'rows are of one width')
    }),
    { numRuns: 300 },
  )
})

t.test('what is known by sight', async (t) => {
  const drawn = (steps: Node[]) =>
    drawPlanGraph(steps)?.map(({ text, markAt }) =>
      `${text.slice(0, markAt)}●${text.slice(markAt + 1)}`.trimEnd(),
    )
  const diamond = [
    { id: 'a', needs: [] },
    { id: 'b', needs: ['a'] },
    { id: 'c', needs: ['a'] },
    { id: 'd', needs: ['b', 'c'] },
  ]
  t.strictSame(drawn(diamond), ['●', '├─●', '● │', '●─╯'])
  const apart = [
    { id: 'a', needs: [] },
    { id: 'b', needs: [] },
    { id: 'c', needs: [] },
  ]
  t.strictSame(drawn(apart), ['●', '  ●', '●'], 'what nobody needs has nothing below it')
  const crossing = [
    { id: 'a', needs: [] },
    { id: 'b', needs: [] },
    { id: 'c', needs: ['a'] },
    { id: 'd', needs: ['a', 'b', 'c'] },
  ]
  t.strictSame(drawn(crossing), ['●', '│ ●', '├─│─●', '●─┴─╯'])
  const wide = [...Array(13)].map((_, i) => ({ id: `s${i}`, needs: [] as string[] }))
  t.equal(drawPlanGraph([...wide, { id: 'end', needs: wide.map(({ id }) => id) }]), undefined)
})
