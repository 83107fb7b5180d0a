import fc from 'fast-check'
import t from 'tap'
import { EvaluationBudget } from '#workflow/expressions/evaluation-budget.ts'
import { containsText, countCodePoints, trimText } from '#workflow/expressions/text-functions.ts'

const fewLetters = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 60, size: 'max' })

t.test('a search finds what the built-in one finds', async (t) => {
  fc.assert(
    fc.property(fewLetters, fewLetters, fc.nat(60), (text, needle, at) => {
      const budget = new EvaluationBudget()
      for (const part of [needle, text.slice(at), text.slice(at, at + 12)])
        if (containsText(text, part, budget) !== text.includes(part)) throw new Error(`${text}: ${part}`)
    }),
    { numRuns: 2000 },
  )
  const text = `${'a'.repeat(200_000)}`
  t.equal(containsText(text, `${'a'.repeat(100_000)}b`, new EvaluationBudget()), false, 'nor takes long')
})

t.test('characters are code points, as an iterator has them', async (t) => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary' }),
      fc.array(fc.integer({ min: 0xd7ff, max: 0xe000 })),
      (text, units) => {
        for (const each of [text, String.fromCharCode(...units)])
          if (countCodePoints(each, new EvaluationBudget()) !== [...each].length)
            throw new Error(JSON.stringify(each))
      },
    ),
  )
  t.equal(countCodePoints('\ud83d', new EvaluationBudget()), 1, 'half a pair is one')
})

t.test('trim takes white space off both ends', async (t) => {
  for (const [text, trimmed] of [
    ['', ''],
    [' \n', ''],
    ['\u3000a b\u2009', 'a b'],
    ['a', 'a'],
    ['\u200ba', '\u200ba'],
  ])
    t.equal(trimText(text!, new EvaluationBudget()), trimmed)
})
