import t from 'tap'
import {
  companionLosses,
  companionOf,
  withoutCompanion,
} from '../../../../../services/agents/report/ingest/data/companion-figure.ts'

t.test('a second figure in nearly every cell is known by its sign', async (t) => {
  t.equal(companionOf(['12.5 ± 0.2', '13 ± 1', '14.1 +/- 0.3']), 'plus-minus')
  t.equal(companionOf(['12 (2.5%)', '13 (3 %)', '1,204 (40%)']), 'brackets')
  t.equal(companionOf(['1.2 [0.9, 1.5]', '1.4 (1.1–1.9)', '2 [1 to 3]']), 'brackets')
  t.equal(companionOf(['12', '13 (2)', '14']), undefined, 'a remark in one cell')
  t.equal(companionOf(['(1,234)', '(5)']), undefined, 'accountants put what is below zero in brackets')
})

t.test('the first figure keeps its unit, and the others are told as lost', async (t) => {
  t.equal(withoutCompanion('12.5 ± 0.2 kg', 'plus-minus'), '12.5 kg')
  t.equal(withoutCompanion('45 (32 %)', 'brackets'), '45')
  t.equal(withoutCompanion('45', 'brackets'), '45')
  t.match(companionLosses('v', ['1 ± 2', null, '3'], 'plus-minus'), [/"v".*behind ± of 1 cell/])
})
