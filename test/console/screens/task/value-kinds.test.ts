import t from 'tap'
import { blobsIn, tableOf, textOf } from '../../../../services/console/screens/task/value-kinds.ts'

t.test('values are shown as what they are', async (t) => {
  const blob = { blob: 'a/b.png', contentType: 'image/png', size: 5, sha256: 'x' }
  t.strictSame(
    blobsIn({ deep: [{ picture: blob }, blob] }).map((found) => found.blob),
    ['a/b.png'],
  )
  t.strictSame(tableOf([{ a: 1 }, { b: 'x' }]), {
    columns: ['a', 'b'],
    rows: [
      ['1', ''],
      ['', 'x'],
    ],
  })
  t.equal(tableOf([{ a: { b: 1 } }, { a: 1 }]), undefined)
  t.equal(tableOf([1, 2]), undefined)
  t.equal(textOf('x'), 'x')
  t.equal(textOf({ text: 'short' }), undefined)
  t.equal(textOf({ text: { content: 'y'.repeat(90) } }), 'y'.repeat(90))
})
