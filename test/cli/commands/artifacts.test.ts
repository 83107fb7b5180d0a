import t from 'tap'
import { artifactExample } from '#schemas/artifact.ts'
import { fileNames } from '../../../services/cli/commands/artifacts.ts'

t.test('files of a task have names of their own, safe in any folder', async (t) => {
  const names = [
    'report.html',
    '../../etc/report.html',
    'Report.HTML',
    '.bashrc',
    '..',
    'a\\b\u001b[2J.csv',
    'again',
  ]
  const made = names.map((name, i) => ({
    ...artifactExample,
    name,
    blob: name === 'again' ? 'tasks/0' : `tasks/${i}`,
  }))
  t.strictSame(fileNames(made), [
    'report.html',
    'report-2.html',
    'Report-3.HTML',
    'bashrc',
    'object',
    'b.csv',
    'report.html',
  ])
})
