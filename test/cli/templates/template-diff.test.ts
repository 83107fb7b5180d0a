import fc from 'fast-check'
import t from 'tap'
import { diffLines, nearChanges } from '../../../services/cli/templates/template-diff.ts'

t.test('what is removed and added between two lists of lines', async (t) => {
  const lines = diffLines(['a', 'b', 'c', 'd'], ['a', 'x', 'c', 'd', 'e'])
  t.strictSame(
    lines.map(({ kind, text }) => `${kind} ${text}`),
    ['same a', 'removed b', 'added x', 'same c', 'same d', 'added e'],
  )
})

t.test('whatever the lists: both can be made from it', async () => {
  const list = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 30 })
  fc.assert(
    fc.property(list, list, (before, after) => {
      const lines = diffLines(before, after)
      const left = lines.filter(({ kind }) => kind !== 'added').map(({ text }) => text)
      const right = lines.filter(({ kind }) => kind !== 'removed').map(({ text }) => text)
      return String(left) === String(before) && String(right) === String(after)
    }),
  )
})

t.test('lists that are too long to compare are told one after the other', async (t) => {
  const many = (prefix: string) => Array.from({ length: 2500 }, (_, i) => `${prefix}${i}`)
  const lines = diffLines(many('a'), many('b'))
  t.equal(lines.length, 5000)
  t.equal(lines[0]?.kind, 'removed')
})

t.test('only what is near a change is shown', async (t) => {
  const before = Array.from({ length: 20 }, (_, i) => `${i}`)
  const after = before.with(10, 'x')
  const shown = nearChanges(diffLines(before, after))
  t.strictSame(
    shown.map((line) => line?.text ?? '…'),
    ['…', '8', '9', '10', 'x', '11', '12', '…'],
  )
})
