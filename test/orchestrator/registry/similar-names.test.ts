import t from 'tap'
import { similarNames } from '../../../services/orchestrator/registry/similar-names.ts'

const KNOWN = ['word-count', 'ingest', 'analysis', 'synthesis', 'api-caller', 'ocr']

t.test('what was meant is found', async (t) => {
  const cases: [typed: string, meant: string[]][] = [
    ['word_count', ['word-count']],
    ['WordCount', ['word-count']],
    ['wrod-count', ['word-count']],
    ['ingset', ['ingest']],
    ['analisys', ['analysis']],
    ['orc', ['ocr']],
    ['nobody', []],
    ['x', []],
  ]
  for (const [typed, meant] of cases) t.strictSame(similarNames(typed, KNOWN), meant, typed)
})

t.test('the nearest comes first, and not more than three', async (t) => {
  t.strictSame(similarNames('agent-1', ['agent-4', 'agent-3', 'agent-2', 'agent-11', 'agent1']), [
    'agent1',
    'agent-11',
    'agent-2',
  ])
})
