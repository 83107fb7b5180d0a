import t from 'tap'
import {
  hammingDistance,
  imageFindings,
  textFinding,
} from '../../../../../services/agents/report/analysis/findings/document-findings.ts'
import { dataDocument, imageDocument, textDocument } from '../sample-documents.ts'

t.test('bits that differ, of 64', async (t) => {
  t.equal(hammingDistance(0b1011n, 0b0010n), 2)
  t.equal(hammingDistance(0xffffffffffffffffn, 0n), 64)
  t.equal(hammingDistance(5n, 5n), 0)
})

t.test('a near duplicate names the earliest picture of another document', async (t) => {
  const found = imageFindings([
    imageDocument('a.jpg', { perceptualHash: 'f0e1d2c3b4a59687' }),
    imageDocument('b.jpg', { perceptualHash: 'f0e1d2c3b4a59680' }),
    imageDocument('c.jpg', { perceptualHash: 'f0e1d2c3b4a59687' }),
    imageDocument('d.jpg', { perceptualHash: '0f1e2d3c4b5a6978' }),
  ])
  t.strictSame(
    found.map(({ image }) => image.nearDuplicateOf),
    [undefined, 'a.jpg', 'a.jpg', undefined],
  )
})

t.test('flat pictures, hashes of nothing and the same document are no duplicates', async (t) => {
  const twins = (...changes: Parameters<typeof imageDocument>[1][]) =>
    imageFindings(changes.map((change, i) => imageDocument(`${i}.jpg`, change))).map(
      ({ image }) => image.nearDuplicateOf,
    )
  t.strictSame(twins({ contrast: 2 }, { contrast: 2 }), [undefined, undefined])
  t.strictSame(twins({ perceptualHash: '0' }, { perceptualHash: '0' }), [undefined, undefined])
  t.strictSame(twins({ perceptualHash: 'no hash' }, { perceptualHash: 'no hash' }), [undefined, undefined])
  const same = imageDocument('film', {})
  t.equal(imageFindings([same, same])[1]?.image.nearDuplicateOf, undefined)
})

t.test('sentences of a text, without the marks in front, and the figures they state', async (t) => {
  const finding = textFinding(
    textDocument('n.md', '# Results\n\n- Sales were 12 kg and 3 tons.\n- Nothing else.'),
  )
  t.strictSame(finding?.sentences, ['Results', 'Sales were 12 kg and 3 tons.', 'Nothing else.'])
  t.match(finding?.stated, [
    { value: 12, unit: 'kg', together: 2 },
    { value: 3, unit: 'tons', together: 2 },
  ])
  t.equal(finding?.text.figures.length, 2)
  t.equal(textFinding(dataDocument('a.csv', [])), null, 'no text')
})

t.test('at most a hundred figures of a text are kept', async (t) => {
  const text = Array.from({ length: 300 }, (_, i) => `We sold ${i + 10} boxes.`).join(' ')
  t.equal(textFinding(textDocument('n.md', text))?.stated.length, 100)
})
