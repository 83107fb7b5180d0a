import t from 'tap'
import { meetsRequirement, parseAgentRequirement } from '../../../services/workflow/plan/agent-requirement.ts'

t.test('a type, and a range of versions after an @', async (t) => {
  t.match(parseAgentRequirement('analysis'), { type: 'analysis', range: { text: '*' } })
  t.match(parseAgentRequirement('analysis@^2'), { type: 'analysis', range: { text: '^2' } })
  t.match(parseAgentRequirement('word-count@>=1.4 <2'), { type: 'word-count', range: { text: '>=1.4 <2' } })
  for (const text of ['', '@1', 'a.b', 'a b@1', 'a@', 'a@latest', 'a@1@2', `${'a'.repeat(65)}@1`])
    t.throws(() => parseAgentRequirement(text), { code: 'INVALID_SUBMISSION' }, `"${text}"`)
})

t.test('which instances meet it', async (t) => {
  const { range } = parseAgentRequirement('analysis@^2')
  t.ok(meetsRequirement({ version: '2.1' }, { range }))
  t.notOk(meetsRequirement({ version: '3' }, { range }))
  t.notOk(meetsRequirement({ version: 'main' }, { range }), 'one that says no version')
  const any = parseAgentRequirement('analysis')
  t.ok(meetsRequirement({ version: 'main' }, any), 'any will do')
  t.ok(meetsRequirement({ version: '2.0.0-rc.1' }, any))
  const needs = ['gpu', 'cuda-12']
  t.ok(meetsRequirement({ version: '2', capabilities: ['cuda-12', 'avx', 'gpu'] }, { range, needs }))
  t.notOk(meetsRequirement({ version: '2', capabilities: ['gpu'] }, { range, needs }), 'all of them')
  t.notOk(meetsRequirement({ version: '2' }, { range, needs: ['gpu'] }))
})
