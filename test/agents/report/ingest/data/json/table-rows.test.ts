import t from 'tap'
import {
  createTableRows,
  flattenRecord,
  recordsOf,
} from '../../../../../../services/agents/report/ingest/data/json/table-rows.ts'

t.test('an object is one row: paths with dots, short lists of numbers a column each', async (t) => {
  t.strictSame(
    flattenRecord({ a: 1, b: { c: null, d: { e: 'x' } }, at: [1.5, 2], tags: ['p', 3, { q: 1 }] }),
    {
      cells: [
        ['a', 1],
        ['b.c', null],
        ['b.d.e', 'x'],
        ['at.0', 1.5],
        ['at.1', 2],
        ['tags', 'p, 3, {"q":1}'],
      ],
      nested: [],
      strays: 0,
      cut: 0,
    },
  )
})

t.test('lists of objects are tables of their own', async (t) => {
  t.strictSame(flattenRecord({ o: { lines: [{ n: 1 }, { n: 2 }] } }, 'x'), {
    cells: [],
    nested: [['x.o.lines', [{ n: 1 }, { n: 2 }]]],
    strays: 0,
    cut: 0,
  })
  t.match(flattenRecord({ lines: [{ n: 1 }, { n: 2 }, 'x'] }), { strays: 1 })
  t.strictSame(recordsOf([{ a: 1 }, 2, { b: 1 }]), [{ a: 1 }, { b: 1 }], 'mostly objects')
  t.equal(recordsOf([{ a: 1 }, 2]), null)
  t.equal(recordsOf([]), null)
})

t.test('long lists are cut', async (t) => {
  const flat = flattenRecord({ a: Array(5000).fill(7) })
  const [[, text] = []] = flat.cells
  t.equal(flat.cut, 1)
  t.equal(typeof text === 'string' && text.length, 1001)
  t.match(text, /^7, 7.*…$/)
})

t.test('columns turn up one by one; what is missing is null', async (t) => {
  const rows = createTableRows()
  t.equal(rows.nextRow(), 1)
  rows.add([['a', 1]])
  rows.add([['b', 2]])
  rows.add([
    ['a', 3],
    ['b', 4],
  ])
  t.equal(rows.nextRow(), 4)
  t.match(rows.table('t'), {
    name: 't',
    rows: 3,
    columns: [
      { name: 'a', values: [1, null, 3] },
      { name: 'b', values: [null, 2, 4] },
    ],
    notes: [],
  })
})

t.test('columns beyond the limit are counted, not kept', async (t) => {
  const rows = createTableRows()
  rows.add(Array.from({ length: 510 }, (_, i): [string, number] => [`c${i}`, i]))
  t.match(rows.table('t'), { columns: { length: 500 }, losses: [/first 500 columns were read; 10 were/] })
})

t.test('what found no place is told, and digits beyond a double make the whole column text', async (t) => {
  const rows = createTableRows()
  rows.add([['id', '1234567890123456789']])
  rows.add([['id', 40]])
  rows.add([['id', 2 ** 60]])
  rows.countLost({ strays: 2, cut: 1 })
  t.match(rows.table('t'), {
    columns: [{ values: ['1234567890123456789', '40', '1152921504606846976'] }],
    losses: [/^2 entries among the records/, /^1 list was cut after 1000/],
  })
})
