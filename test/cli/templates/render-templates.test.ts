import { Writable } from 'node:stream'
import t from 'tap'
import { planTemplateExample, templateSummaryExample } from '#schemas/plan-template.ts'
import { paintFor } from '../../../services/cli/output/paint.ts'
import { renderDiff, renderList, renderTemplate } from '../../../services/cli/templates/render-templates.ts'

const paint = paintFor(new Writable())
const nowMs = planTemplateExample.createdAtMs + 60_000

t.test('a list has a line a name', async (t) => {
  const lines = renderList([templateSummaryExample], { paint, nowMs })
  t.match(lines.join('\n'), /template +newest +versions[\s\S]*count-notes +2 +2 .*Reads notes/)
})

t.test('a version says what it takes', async (t) => {
  const versions = [3, 2, 1].map((version) => ({ version, createdAtMs: 1 }))
  const text = renderTemplate({ template: planTemplateExample, versions }, { paint, nowMs }).join('\n')
  t.match(text, /^count-notes@2 {2}2 steps, written .* ago\nReads notes/)
  t.match(text, /text +string +has to be given +The notes\./)
  t.match(text, /title +string +"Notes"/)
  t.match(text, /count +word-count +read/)
  t.match(text, /Other versions: 3, 1/)
  const bare = renderTemplate(
    { template: { ...planTemplateExample, parameters: {} }, versions: [] },
    { paint, nowMs },
  )
  t.match(bare.join('\n'), /It takes no input\./)
})

t.test('two versions are compared line by line', async (t) => {
  const changed = { ...planTemplateExample, description: 'Something else.', version: 3 }
  const text = renderDiff(planTemplateExample, changed, paint).join('\n')
  t.match(text, /- +"description": "Reads notes[^\n]*\n\+ +"description": "Something else\."/)
  t.match(renderDiff(planTemplateExample, { ...planTemplateExample, version: 9 }, paint), [
    'They say the same.',
  ])
})
