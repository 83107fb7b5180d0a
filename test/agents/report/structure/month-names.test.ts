import t from 'tap'
import { monthOf } from '../../../../services/agents/report/structure/month-names.ts'

t.test('beginnings of names that only one month has', async (t) => {
  for (const [word, month] of [
    ['Jan', 1],
    ['Févr.', 2],
    ['März', 3],
    ['abr', 4],
    ['maggio', 5],
    ['Juni', 6],
    ['juil', 7],
    ['août', 8],
    ['Sept', 9],
    ['out', 10],
    ['Nov', 11],
    ['Dez', 12],
  ] as const)
    t.equal(monthOf(word), month, word)
  for (const word of ['jui', 'ma', 'Monday', 'x', '', 'sum']) t.equal(monthOf(word), undefined, word)
})
