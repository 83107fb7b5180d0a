import t from 'tap'
import {
  paletteSwatches,
  shareBar,
  sparkline,
} from '../../../../../services/agents/report/synthesis/charts/inline-charts.ts'

t.test('a sparkline goes from edge to edge, its last value marked', async (t) => {
  const { text } = sparkline([0, 10, 5], 'a <b>')!
  t.match(text, 'd="M3 22L54.5 4L106 13"')
  t.match(text, '<circle class="point" cx="106" cy="13"')
  t.match(text, 'aria-label="Course of a &lt;b&gt;"')
  t.match(sparkline([7, 7], 'x')!.text, 'd="M3 13L106 13"', 'a constant lies in the middle')
  t.equal(sparkline([1], 'x'), undefined)
})

t.test('a share bar is as long as its share, and never longer than its rail', async (t) => {
  t.match(shareBar(0.256).text, '<rect class="bar" width="25.6"')
  t.match(shareBar(1.2, 'missing').text, /class="share missing".*width="100\.0"/s)
  t.match(shareBar(-1).text, '<rect class="bar" width="0.0"')
})

t.test('swatches fill the width in proportion; what is no colour is not drawn', async (t) => {
  const { text } = paletteSwatches([
    { hex: '#102030', share: 0.6 },
    { hex: 'url(javascript:x)', share: 0.2 },
    { hex: '#ffffff', share: 0.2 },
  ])!
  t.match(text, /x="0\.00"[^>]* width="75\.00"[^>]* fill="#102030"/)
  t.match(text, /x="75\.00"[^>]* width="25\.00"[^>]* fill="#ffffff"/)
  t.notMatch(text, 'javascript')
  t.equal(paletteSwatches([{ hex: 'red', share: 1 }]), undefined)
  t.equal(paletteSwatches([{ hex: '#000000', share: 0 }]), undefined)
})
